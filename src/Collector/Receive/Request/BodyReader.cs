using System.Buffers;
using System.IO.Pipelines;
using Collector.Model;

namespace Collector.Receive.Request;

/// <summary>Reads a request's bytes from Kestrel's pipe into a buffer, bounded in size and time.</summary>
internal sealed class BodyReader(PipeReader pipe, BodyLimits limits)
{
    /// <summary>
    /// Appends exactly <paramref name="count"/> bytes; false where the body ended before. Times out as
    /// <see cref="TimeoutException"/>.
    /// </summary>
    public async ValueTask<bool> ReadExactlyAsync(ByteBuffer target, int count, CancellationToken cancellation)
    {
        using var timeout = new Timeout(limits.Clock, cancellation);
        while (count > 0)
        {
            var read = await NextAsync(timeout);
            var part = read.Buffer.Slice(0, Math.Min(count, read.Buffer.Length));
            Append(target, part);
            count -= (int)part.Length;
            pipe.AdvanceTo(part.End);
            if (count > 0 && read.IsCompleted)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Appends all that comes; false where that is more than <paramref name="max"/> bytes.</summary>
    public async ValueTask<bool> ReadToEndAsync(ByteBuffer target, int max, CancellationToken cancellation)
    {
        using var timeout = new Timeout(limits.Clock, cancellation);
        while (true)
        {
            var read = await NextAsync(timeout);
            if (target.Length + read.Buffer.Length > max)
            {
                pipe.AdvanceTo(read.Buffer.Start);
                return false;
            }

            Append(target, read.Buffer);
            pipe.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted || target.Refused)
            {
                return true;
            }
        }
    }

    /// <summary>True where not one byte more comes.</summary>
    public async ValueTask<bool> IsAtEndAsync(CancellationToken cancellation)
    {
        using var timeout = new Timeout(limits.Clock, cancellation);
        while (true)
        {
            var read = await NextAsync(timeout);
            var isEmpty = read.Buffer.IsEmpty;
            pipe.AdvanceTo(read.Buffer.Start);
            if (!isEmpty || read.IsCompleted)
            {
                return isEmpty;
            }
        }
    }

    private async ValueTask<ReadResult> NextAsync(Timeout timeout)
    {
        if (pipe.TryRead(out var ready))
        {
            return ready;
        }

        try
        {
            return await pipe.ReadAsync(timeout.Start());
        }
        catch (OperationCanceledException) when (timeout.HasRunOut)
        {
            throw new TimeoutException($"the body was not complete after {BodyLimits.Timeout.TotalSeconds:0} s");
        }
    }

    private static void Append(ByteBuffer target, in ReadOnlySequence<byte> bytes)
    {
        foreach (var segment in bytes)
        {
            target.Append(segment.Span);
        }
    }

    /// <summary>A timer that starts only when the reader must wait; nearly all bodies are there already.</summary>
    private sealed class Timeout(TimeProvider clock, CancellationToken caller) : IDisposable
    {
        private CancellationTokenSource? _timeout;
        private CancellationTokenSource? _either;

        public bool HasRunOut => _timeout is { IsCancellationRequested: true } && !caller.IsCancellationRequested;

        public CancellationToken Start()
        {
            _timeout ??= new CancellationTokenSource(BodyLimits.Timeout, clock);
            _either ??= CancellationTokenSource.CreateLinkedTokenSource(_timeout.Token, caller);
            return _either.Token;
        }

        public void Dispose()
        {
            _either?.Dispose();
            _timeout?.Dispose();
        }
    }
}
