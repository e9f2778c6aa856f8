using System.Threading.Channels;
using Collector.Model;

namespace Collector.Live;

/// <summary>
/// One reader's place in the live stream: a filter, and what waits for it, bounded in rows and bytes. What does not fit,
/// or comes faster than a reader is given, is counted instead.
/// </summary>
public sealed class LiveReader : IDisposable
{
    public const int RowsPerSecond = 1_000;

    private const int MostWaiting = 2_000;
    private const long MostBytes = 4 * 1024 * 1024;

    private readonly LiveHub _hub;
    private readonly RowMatcher _matcher;
    private readonly Channel<LiveEvent> _waiting = Channel.CreateBounded<LiveEvent>(
        new BoundedChannelOptions(MostWaiting) { SingleReader = true, SingleWriter = true });

    private long _bytes;
    private long _skipped;

    // The hub's.
    private int _givenThisSecond;

    internal LiveReader(LiveHub hub, RowFilter filter, Arrival from)
    {
        _hub = hub;
        _matcher = new RowMatcher(filter);
        From = from;
    }

    /// <summary>Rows that arrived later come by themselves; the store has the others.</summary>
    public Arrival From { get; }

    /// <summary>False where the stream has ended.</summary>
    public ValueTask<bool> WaitAsync(CancellationToken cancellation) => _waiting.Reader.WaitToReadAsync(cancellation);

    /// <summary>Takes the next event, if one waits.</summary>
    public bool TryTake(out LiveEvent taken)
    {
        if (!_waiting.Reader.TryRead(out taken!))
        {
            return false;
        }

        Interlocked.Add(ref _bytes, -taken.Bytes.Length);
        return true;
    }

    /// <summary>Rows that matched and were not given since the last call.</summary>
    public long TakeSkipped() => Interlocked.Exchange(ref _skipped, 0);

    public void Dispose() => _hub.Leave(this);

    internal bool Wants(in StoredRow row) => row.Position.Arrival.CompareTo(From) > 0 && _matcher.Matches(row);

    internal void Offer(LiveEvent row)
    {
        if (_givenThisSecond >= RowsPerSecond
            || Interlocked.Read(ref _bytes) + row.Bytes.Length > MostBytes
            || !_waiting.Writer.TryWrite(row))
        {
            Interlocked.Increment(ref _skipped);
            return;
        }

        _givenThisSecond++;
        Interlocked.Add(ref _bytes, row.Bytes.Length);
    }

    internal void SecondPassed()
    {
        _givenThisSecond = 0;
        if (Interlocked.Read(ref _skipped) > 0)
        {
            _waiting.Writer.TryWrite(LiveEvent.Nudge);
        }
    }

    internal void Beat(LiveEvent heartbeat) => _waiting.Writer.TryWrite(heartbeat);

    internal void End() => _waiting.Writer.TryComplete();
}
