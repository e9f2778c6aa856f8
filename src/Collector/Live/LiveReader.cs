using System.Buffers;
using System.Threading.Channels;
using Collector.Model;

namespace Collector.Live;

/// <summary>
/// One reader's place in the live stream: what waits for it, bounded in bytes. What does not fit, or comes faster than a
/// reader is given, is counted instead. A reader is given a burst of a thousand rows whole, and of a flood a thousand
/// rows a second, spread over the second. Where too much waits for all readers together, the slowest are cut.
/// </summary>
internal sealed class LiveReader : IDisposable
{
    public const int RowsPerSecond = 1_000;

    internal const long MaxBytes = 4 * 1024 * 1024;

    private const int MaxWaiting = 2_000;

    // Of one that waits, in the list of its reader.
    private const int PartCost = 64;

    // In which a reader that is cut may take what was sent, and the reason.
    private static readonly TimeSpan _grace = TimeSpan.FromSeconds(5);

    private readonly LiveHub _hub;
    private readonly TimeProvider _clock;
    private readonly Channel<Part> _waiting = Channel.CreateBounded<Part>(
        new BoundedChannelOptions(MaxWaiting) { SingleReader = true, SingleWriter = true });

    private readonly CancellationTokenSource _over = new();
    private ITimer? _graceEnds;
    private volatile bool _isFull;
    private long _bytes;
    private long _skipped;

    internal LiveReader(LiveHub hub, LiveFeed feed, Arrival from, TimeProvider clock)
    {
        (_hub, Feed, From, Reached, _clock) = (hub, feed, from, from, clock);
    }

    /// <summary>Rows that arrived later come by themselves; the store has the others.</summary>
    public Arrival From { get; }

    /// <summary>Up to here it has been given, or told of, all that it wants: there it may go on later.</summary>
    public Arrival Reached { get; private set; }

    /// <summary>Why its stream was ended before it left; null where it was not.</summary>
    public string? WhyCut { get; private set; }

    /// <summary>Cancelled when a reader that was cut has had its time to take the rest.</summary>
    public CancellationToken Over => _over.Token;

    internal LiveFeed Feed { get; }

    /// <summary>Rows of the feed's page, and of those beyond it, that came before this reader.</summary>
    internal (int Rows, long Beyond) Missed { get; set; }

    /// <summary>Rows that it may be given now.</summary>
    internal int Allowance { get; private set; } = RowsPerSecond;

    /// <summary>Bytes that may wait for it beside those that do.</summary>
    internal long Room
    {
        get
        {
            var bytes = Interlocked.Read(ref _bytes);
            return WhyCut is not null || (_isFull && bytes > 0) ? 0 : MaxBytes - bytes;
        }
    }

    /// <summary>The page of what has waited longest; a great number where nothing waits.</summary>
    internal long Oldest => _waiting.Reader.TryPeek(out var part) ? part.Number : long.MaxValue;

    /// <summary>False where the stream has ended.</summary>
    public ValueTask<bool> WaitAsync(CancellationToken cancellation) => _waiting.Reader.WaitToReadAsync(cancellation);

    /// <summary>
    /// Writes what comes next, if anything waits. It may be nothing: a nudge to look at <see cref="TakeSkipped"/>.
    /// </summary>
    public bool TryWrite(IBufferWriter<byte> into)
    {
        if (!_waiting.Reader.TryRead(out var part))
        {
            return false;
        }

        try
        {
            if (part.Rows is { } rows)
            {
                Reached = rows.Write(part.Start, part.Count, into);
            }
            else if (!part.Event.IsEmpty)
            {
                into.Write(part.Event.Span);
                Reached = part.Reached;
            }
        }
        finally
        {
            Let(part);
        }

        return true;
    }

    /// <summary>Rows that matched and were not given since the last call.</summary>
    public long TakeSkipped() => Interlocked.Exchange(ref _skipped, 0);

    public void Dispose()
    {
        _hub.Leave(this);
        _graceEnds?.Dispose();
        Empty();
    }

    /// <summary>Gives rows of a page from one on, as many as there is room for, and counts the others.</summary>
    internal void Offer(LiveRows rows, int start)
    {
        var (given, bytes) = rows.Fit(start, Room, Allowance);
        if (given > 0 && !TryAdd(new Part(rows, start, given, bytes, rows.Page.Number)))
        {
            given = 0;
        }

        // Until it takes something, no row is written in vain to find that it is still too large.
        _isFull |= given < Math.Min(Allowance, rows.Count - start);
        Allowance -= given;
        Skip(rows.Count - start - given);
    }

    internal void Skip(long rows) => Interlocked.Add(ref _skipped, rows);

    internal void Allow(int rows) => Allowance = Math.Min(RowsPerSecond, Allowance + rows);

    // The reader learns what was left out even when no row follows.
    internal void Nudge(long number)
    {
        if (Interlocked.Read(ref _skipped) > 0)
        {
            _waiting.Writer.TryWrite(new Part(null, 0, 0, 0, number));
        }
    }

    internal void Beat(ReadOnlyMemory<byte> watermark, Arrival at, long number) =>
        TryAdd(new Part(null, 0, 0, watermark.Length, number) { Event = watermark, Reached = at });

    internal void End() => _waiting.Writer.TryComplete();

    /// <summary>Ends the stream, and lets all go that waits for it.</summary>
    internal void Cut(string why)
    {
        if (WhyCut is not null)
        {
            return;
        }

        // First, since there may be no memory for it; then it is tried again.
        _graceEnds = _clock.CreateTimer(static over => ((CancellationTokenSource)over!).Cancel(), _over, _grace, Timeout.InfiniteTimeSpan);
        WhyCut = why;
        End();
        Empty();
    }

    // The bytes count before the reader can take them.
    private bool TryAdd(in Part part)
    {
        Interlocked.Add(ref _bytes, part.Bytes);
        part.Rows?.Page.Hold();
        part.Rows?.Page.Charge(PartCost);
        if (_waiting.Writer.TryWrite(part))
        {
            return true;
        }

        Let(part);
        return false;
    }

    private void Empty()
    {
        while (_waiting.Reader.TryRead(out var part))
        {
            Let(part);
        }
    }

    private void Let(in Part part)
    {
        _isFull = false;
        Interlocked.Add(ref _bytes, -part.Bytes);
        part.Rows?.Page.Release();
    }

    /// <summary>Rows of a page, or an event, or neither.</summary>
    private readonly record struct Part(LiveRows? Rows, int Start, int Count, int Bytes, long Number)
    {
        public ReadOnlyMemory<byte> Event { get; init; }

        public Arrival Reached { get; init; }
    }
}
