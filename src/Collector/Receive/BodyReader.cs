using System.Buffers;
using System.IO.Pipelines;
using Collector.Model;
using Collector.Pipeline;

namespace Collector.Receive;

/// <summary>Reads a request's bytes from Kestrel's pipe into a buffer, bounded in size and time.</summary>
internal sealed class BodyReader(PipeReader pipe, BodyLimits limits)
{
    /// <summary>
    /// Appends exactly <paramref name="count"/> bytes; false where the body ended before. Times out as
    /// <see cref="TimeoutException"/>. A target that refuses them ends it early.
    /// </summary>
    public async ValueTask<bool> ReadExactlyAsync(
        ByteBuffer target, int count, CancellationToken cancellation, ByteLease? lease = null)
    {
        using var patience = new Patience(limits.Clock, cancellation);
        var length = target.Length + count;
        while (count > 0)
        {
            var read = await NextAsync(patience);
            var part = read.Buffer.Slice(0, Math.Min(count, read.Buffer.Length));
            await MakeRoomAsync(lease, target, part.Length, length, cancellation);
            Append(target, part);
            count -= (int)part.Length;
            pipe.AdvanceTo(part.End);
            if (count > 0 && (read.IsCompleted || target.Refused))
            {
                return target.Refused;
            }
        }

        return true;
    }

    /// <summary>Appends all that comes; false where that is more than <paramref name="most"/> bytes.</summary>
    /// <param name="target">Where it goes; it may refuse more, which ends it early.</param>
    /// <param name="most">The limit.</param>
    /// <param name="length">Declared, or 0.</param>
    /// <param name="lease">The target's.</param>
    /// <param name="cancellation">The caller has left.</param>
    public async ValueTask<bool> ReadToEndAsync(
        ByteBuffer target, int most, long length, ByteLease lease, CancellationToken cancellation)
    {
        using var patience = new Patience(limits.Clock, cancellation);
        while (true)
        {
            var read = await NextAsync(patience);
            if (target.Length + read.Buffer.Length > most)
            {
                pipe.AdvanceTo(read.Buffer.Start);
                return false;
            }

            await MakeRoomAsync(lease, target, read.Buffer.Length, length, cancellation);
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
        using var patience = new Patience(limits.Clock, cancellation);
        while (true)
        {
            var read = await NextAsync(patience);
            var isEmpty = read.Buffer.IsEmpty;
            pipe.AdvanceTo(read.Buffer.Start);
            if (!isEmpty || read.IsCompleted)
            {
                return isEmpty;
            }
        }
    }

    private async ValueTask<ReadResult> NextAsync(Patience patience)
    {
        if (pipe.TryRead(out var ready))
        {
            return ready;
        }

        try
        {
            return await pipe.ReadAsync(patience.Start());
        }
        catch (OperationCanceledException) when (patience.HasRunOut)
        {
            throw new TimeoutException($"the body was not complete after {BodyLimits.Patience.TotalSeconds:0} s");
        }
    }

    private static ValueTask MakeRoomAsync(
        ByteLease? lease, ByteBuffer target, long bytes, long length, CancellationToken cancellation) =>
        lease is null ? ValueTask.CompletedTask : lease.MakeRoomAsync(target, bytes, length, cancellation);

    private static void Append(ByteBuffer target, in ReadOnlySequence<byte> bytes)
    {
        foreach (var segment in bytes)
        {
            target.Append(segment.Span);
        }
    }

    /// <summary>A timer that costs nothing where the body is there already, as nearly all are.</summary>
    private sealed class Patience(TimeProvider clock, CancellationToken caller) : IDisposable
    {
        private CancellationTokenSource? _timeout;
        private CancellationTokenSource? _either;

        public bool HasRunOut => _timeout is { IsCancellationRequested: true } && !caller.IsCancellationRequested;

        public CancellationToken Start()
        {
            _timeout ??= new CancellationTokenSource(BodyLimits.Patience, clock);
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
