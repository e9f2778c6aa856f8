using System.Buffers;
using System.Collections.Immutable;
using Collector.Model;

namespace Collector.Live;

/// <summary>
/// Shows committed rows to live readers. While there are any, it looks for new rows a few times a second, reads each
/// once, writes it once as bytes, and gives these to all readers whose filter it passes, a page at a time. Ingestion
/// knows nothing of it.
/// </summary>
/// <param name="arrivals">The committed rows.</param>
/// <param name="write">Writes a row as the event that readers are sent.</param>
/// <param name="clock">Says when to look for rows.</param>
internal sealed class LiveHub(IArrivals arrivals, LiveHub.RowWriter write, TimeProvider clock)
{
    /// <summary>Writes a row as the event that readers are sent.</summary>
    public delegate void RowWriter(in StoredRow row, IBufferWriter<byte> into);

    private const int RowsPerRead = 1_000;
    private const int MaxReaders = 1_000;

    // Each look costs a write for each reader: many readers share 500 writes a second, few get each row at once.
    private static readonly TimeSpan _shortest = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan _longest = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan _forEach = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan _heartbeat = TimeSpan.FromSeconds(15);

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<LiveFeed> _feeds = [];
    private readonly ArrayBufferWriter<byte> _row = new();
    private TaskCompletionSource _joined = New();
    private ImmutableArray<LiveReader> _readers = [];
    private Arrival _at;

    private Arrival At
    {
        get
        {
            lock (_gate)
            {
                return _at;
            }
        }
    }

    /// <summary>Readers at this moment.</summary>
    public int Readers => _readers.Length;

    /// <summary>Whether a reader may join at this moment.</summary>
    public bool HasRoom => Readers < MaxReaders && !_stop.IsCancellationRequested;

    /// <summary>Takes a reader in; null where there are too many, or the hub has stopped.</summary>
    /// <param name="filter">Which rows it wants.</param>
    /// <param name="after">The last row that a returning reader has; it may be ahead of what this hub has shown.</param>
    public LiveReader? Join(RowFilter filter, Arrival after = default)
    {
        lock (_gate)
        {
            if (!HasRoom)
            {
                return null;
            }

            if (_readers.IsEmpty)
            {
                // There was no reader: what arrived meanwhile is the snapshot's.
                _at = arrivals.Newest;
            }

            var from = after.CompareTo(_at) > 0 ? after : _at;
            var reader = new LiveReader(this, FeedOf(filter, from), from);
            reader.Feed.Join(reader);
            _readers = _readers.Add(reader);
            _joined.TrySetResult();
            return reader;
        }
    }

    /// <summary>Shows rows until it is stopped.</summary>
    public async Task RunAsync()
    {
        using var timer = new PeriodicTimer(_shortest, clock);
        var allowed = clock.GetTimestamp();
        var (second, beat) = (allowed, allowed);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                await AnybodyAsync().WaitAsync(_stop.Token);
                Pace(timer);
                allowed = Allow(allowed);
                Show();
                second = Every(TimeSpan.FromSeconds(1), second, static feed => feed.Nudge());
                beat = Every(_heartbeat, beat, feed => feed.Beat(_at));
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Stop ends the loop this way.
        }
        finally
        {
            Stop();
        }
    }

    /// <summary>Ends every reader's stream.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _stop.Cancel();
            foreach (var reader in _readers)
            {
                reader.End();
            }
        }
    }

    internal void Leave(LiveReader reader)
    {
        lock (_gate)
        {
            _readers = _readers.Remove(reader);
            reader.Feed.Leave(reader);
            if (reader.Feed.IsEmpty)
            {
                _feeds.Remove(reader.Feed);
            }

            if (_readers.IsEmpty && _joined.Task.IsCompleted)
            {
                _joined = New();
            }
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private LiveFeed FeedOf(RowFilter filter, Arrival from)
    {
        var feed = _feeds.Find(feed => feed.Serves(filter, from, _at));
        if (feed is null)
        {
            _feeds.Add(feed = new LiveFeed(filter, from));
        }

        return feed;
    }

    private void Pace(PeriodicTimer timer)
    {
        var period = TimeSpan.FromTicks(Math.Clamp(_forEach.Ticks * Readers, _shortest.Ticks, _longest.Ticks));
        if (timer.Period != period)
        {
            timer.Period = period;
        }
    }

    private Task AnybodyAsync()
    {
        lock (_gate)
        {
            return _joined.Task;
        }
    }

    private void Show()
    {
        var newest = arrivals.Newest;
        while (!_stop.IsCancellationRequested && !_readers.IsEmpty)
        {
            var from = At;
            if (from.CompareTo(newest) >= 0)
            {
                return;
            }

            // Not under the gate: a reader that joins or leaves must not wait for the store.
            Deliver(arrivals.Read(from, RowsPerRead, new Offering(this), _stop.Token));
            if (At == from)
            {
                return; // The rows behind it are gone or can't be read.
            }
        }
    }

    // Under the gate, so that a reader joins between two rows: each is either the snapshot's or offered, never both.
    private bool Offer(in StoredRow row)
    {
        lock (_gate)
        {
            if (row.Position.Arrival.CompareTo(_at) <= 0)
            {
                return false; // All have left meanwhile, and readers that joined since begin further on.
            }

            _at = row.Position.Arrival;
            _row.ResetWrittenCount();
            foreach (var feed in _feeds)
            {
                if (feed.Wants(row) && feed.HasRoom())
                {
                    feed.Add(Written(row));
                }
            }

            return true;
        }
    }

    private ReadOnlySpan<byte> Written(in StoredRow row)
    {
        if (_row.WrittenCount == 0)
        {
            write(row, _row);
        }

        return _row.WrittenSpan;
    }

    private void Deliver(Arrival read)
    {
        lock (_gate)
        {
            _at = read.CompareTo(_at) > 0 ? read : _at;
            foreach (var feed in _feeds)
            {
                feed.Deliver();
            }
        }
    }

    // Gives the rows of the time that passed; of a second at most, so that no multiplication overflows after a long pause.
    private long Allow(long since)
    {
        var seconds = Math.Min(1, clock.GetElapsedTime(since).TotalSeconds);
        lock (_gate)
        {
            _feeds.ForEach(feed => feed.Allow((int)(seconds * LiveReader.RowsPerSecond)));
        }

        return clock.GetTimestamp();
    }

    private long Every(TimeSpan interval, long since, Action<LiveFeed> act)
    {
        if (clock.GetElapsedTime(since) < interval)
        {
            return since;
        }

        lock (_gate)
        {
            _feeds.ForEach(act);
        }

        return clock.GetTimestamp();
    }

    private sealed class Offering(LiveHub hub) : IRowSink
    {
        public bool Accept(in StoredRow row) => hub.Offer(row);
    }
}
