using System.Buffers;
using System.IO.Pipelines;
using Collector.Model;
using Collector.Pipeline.Queue;

namespace Collector.Receive.Request;

/// <summary>How reading ended.</summary>
internal enum BodyEnd
{
    /// <summary>With what was asked for.</summary>
    Complete,

    /// <summary>The body ended before.</summary>
    Short,

    /// <summary>More came than may.</summary>
    TooLong,

    /// <summary>No memory became free for it in time, or it was to give way to others.</summary>
    NoMemory,
}

/// <summary>
/// Reads a request's bytes from Kestrel's pipe into a buffer, bounded in size and in how slowly they may come. Memory is
/// taken for bytes that have come, whatever length was declared; while none is free, nothing is read, and the sender waits.
/// </summary>
internal sealed class BodyReader(PipeReader pipe, BodyLimits limits)
{
    /// <summary>Appends exactly <paramref name="count"/> bytes.</summary>
    /// <param name="target">Takes them.</param>
    /// <param name="count">How many.</param>
    /// <param name="lease">Has the memory; null for a handful of bytes.</param>
    /// <param name="cancellation">Cancelled when the caller leaves.</param>
    /// <exception cref="TimeoutException">They came too slowly.</exception>
    public async ValueTask<BodyEnd> ReadExactlyAsync(ByteBuffer target, int count, ByteLease? lease, CancellationToken cancellation)
    {
        using var pace = new BodyPace(limits.Clock, cancellation);
        var expected = target.Length + count;
        while (target.Length < expected)
        {
            if (await NextAsync(pace, lease) is not { } read)
            {
                return BodyEnd.NoMemory;
            }

            var part = read.Buffer.Slice(0, Math.Min(expected - target.Length, read.Buffer.Length));
            var isTaken = await TryAppendAsync(target, part, expected, lease, cancellation);
            pipe.AdvanceTo(part.End);
            if (!isTaken)
            {
                return BodyEnd.NoMemory;
            }

            if (target.Length < expected && read.IsCompleted)
            {
                return BodyEnd.Short;
            }
        }

        return BodyEnd.Complete;
    }

    /// <summary>Appends all that comes, up to <paramref name="max"/> bytes.</summary>
    /// <param name="target">Takes them.</param>
    /// <param name="declared">How many there are to be, if that was said.</param>
    /// <param name="max">How many there may be.</param>
    /// <param name="lease">Has the memory.</param>
    /// <param name="cancellation">Cancelled when the caller leaves.</param>
    /// <exception cref="TimeoutException">They came too slowly.</exception>
    public async ValueTask<BodyEnd> ReadToEndAsync(
        ByteBuffer target, int? declared, int max, ByteLease lease, CancellationToken cancellation)
    {
        using var pace = new BodyPace(limits.Clock, cancellation);
        while (true)
        {
            if (await NextAsync(pace, lease) is not { } read)
            {
                return BodyEnd.NoMemory;
            }

            if (target.Length + read.Buffer.Length > max)
            {
                pipe.AdvanceTo(read.Buffer.Start);
                return BodyEnd.TooLong;
            }

            var isTaken = await TryAppendAsync(target, read.Buffer, declared ?? max, lease, cancellation);
            pipe.AdvanceTo(read.Buffer.End);
            if (!isTaken || read.IsCompleted)
            {
                return isTaken ? BodyEnd.Complete : BodyEnd.NoMemory;
            }
        }
    }

    /// <summary>True where not one byte more comes.</summary>
    /// <exception cref="TimeoutException">Neither more nor the end came in time.</exception>
    public async ValueTask<bool> IsAtEndAsync(CancellationToken cancellation)
    {
        using var pace = new BodyPace(limits.Clock, cancellation);
        while (true)
        {
            var read = (await NextAsync(pace, lease: null)).GetValueOrDefault();
            var isEmpty = read.Buffer.IsEmpty;
            pipe.AdvanceTo(read.Buffer.Start);
            if (!isEmpty || read.IsCompleted)
            {
                return isEmpty;
            }
        }
    }

    // Null: the request is to give way.
    private async ValueTask<ReadResult?> NextAsync(BodyPace pace, ByteLease? lease)
    {
        if (pipe.TryRead(out var ready))
        {
            return ready;
        }

        try
        {
            var gaveWay = lease?.BeginArrival() ?? CancellationToken.None;
            while (true)
            {
                try
                {
                    var read = await pipe.ReadAsync(pace.Begin(gaveWay));
                    pace.Arrived(read.Buffer.Length);
                    return read;
                }
                catch (OperationCanceledException) when (lease is { HasGivenWay: true })
                {
                    return null;
                }
                catch (OperationCanceledException) when (pace.HasRunOut)
                {
                    if (limits.Budget is not { IsContended: true })
                    {
                        throw new TimeoutException(BodyPace.Message);
                    }

                    pace.BeginAgain();
                }
            }
        }
        finally
        {
            lease?.EndArrival();
        }
    }

    private static async ValueTask<bool> TryAppendAsync(
        ByteBuffer target, ReadOnlySequence<byte> bytes, int expected, ByteLease? lease, CancellationToken cancellation)
    {
        if (lease is not null && target.Capacity - target.Length < bytes.Length)
        {
            var capacity = target.NextCapacity((int)bytes.Length, expected);
            if (!await lease.ReserveAsync(target.CostOf(capacity), cancellation))
            {
                return false;
            }

            target.Grow(capacity);
        }

        foreach (var segment in bytes)
        {
            target.Append(segment.Span);
        }

        return !target.Refused;
    }
}
