using System.Threading.Channels;
using Collector.Model;

namespace Collector.Live;

/// <summary>
/// One reader's place in the live stream: what waits for it, bounded in bytes. What does not fit, or comes faster than a
/// reader is given, is counted instead. A reader is given a burst of a thousand rows whole, and of a flood a thousand
/// rows a second, spread over the second.
/// </summary>
internal sealed class LiveReader : IDisposable
{
    public const int RowsPerSecond = 1_000;

    internal const long MaxBytes = 4 * 1024 * 1024;

    private const int MaxWaiting = 2_000;

    private readonly LiveHub _hub;
    private readonly Channel<ReadOnlyMemory<byte>> _waiting = Channel.CreateBounded<ReadOnlyMemory<byte>>(
        new BoundedChannelOptions(MaxWaiting) { SingleReader = true, SingleWriter = true });

    private long _bytes;
    private long _skipped;

    internal LiveReader(LiveHub hub, LiveFeed feed, Arrival from)
    {
        (_hub, Feed, From) = (hub, feed, from);
    }

    /// <summary>Rows that arrived later come by themselves; the store has the others.</summary>
    public Arrival From { get; }

    internal LiveFeed Feed { get; }

    /// <summary>Rows of the feed's page, and of those beyond it, that came before this reader.</summary>
    internal (int Rows, long Beyond) Missed { get; set; }

    /// <summary>Rows that it may be given now.</summary>
    internal int Allowance { get; private set; } = RowsPerSecond;

    /// <summary>False where the stream has ended.</summary>
    public ValueTask<bool> WaitAsync(CancellationToken cancellation) => _waiting.Reader.WaitToReadAsync(cancellation);

    /// <summary>
    /// Takes what comes next, if anything waits: events as bytes that readers share. Empty bytes are a nudge to look at
    /// <see cref="TakeSkipped"/>.
    /// </summary>
    public bool TryTake(out ReadOnlyMemory<byte> events)
    {
        if (!_waiting.Reader.TryRead(out events))
        {
            return false;
        }

        Interlocked.Add(ref _bytes, -events.Length);
        return true;
    }

    /// <summary>Rows that matched and were not given since the last call.</summary>
    public long TakeSkipped() => Interlocked.Exchange(ref _skipped, 0);

    public void Dispose() => _hub.Leave(this);

    /// <summary>Gives rows of a page from one on, as many as there is room for, and counts the others.</summary>
    internal void Offer(LivePage page, int start)
    {
        var events = page.Take(start, MaxBytes - Interlocked.Read(ref _bytes), Allowance, out var given);
        if (given > 0 && !TryAdd(events))
        {
            given = 0;
        }

        Allowance -= given;
        Skip(page.Rows - start - given);
    }

    internal void Skip(long rows) => Interlocked.Add(ref _skipped, rows);

    internal void Allow(int rows) => Allowance = Math.Min(RowsPerSecond, Allowance + rows);

    // The reader learns what was left out even when no row follows.
    internal void Nudge()
    {
        if (Interlocked.Read(ref _skipped) > 0)
        {
            _waiting.Writer.TryWrite(default);
        }
    }

    internal void Beat(ReadOnlyMemory<byte> watermark) => TryAdd(watermark);

    internal void End() => _waiting.Writer.TryComplete();

    // The bytes count before the reader can take them.
    private bool TryAdd(ReadOnlyMemory<byte> events)
    {
        Interlocked.Add(ref _bytes, events.Length);
        var hasRoom = _waiting.Writer.TryWrite(events);
        Interlocked.Add(ref _bytes, hasRoom ? 0 : -events.Length);
        return hasRoom;
    }
}
