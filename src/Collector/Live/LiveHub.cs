using System.Buffers;
using System.Collections.Immutable;
using Collector.Diagnostics;
using Collector.Model;

namespace Collector.Live;

/// <summary>
/// Shows committed rows to live readers. While there are any, it looks for new rows a few times a second, reads each
/// once, writes it once as bytes, and gives all readers whose filter it passes its position in these, a page at a time.
/// Ingestion knows nothing of it.
/// </summary>
internal sealed partial class LiveHub
{
    /// <summary>Writes a row as the event that readers are sent.</summary>
    public delegate void RowWriter(in StoredRow row, IBufferWriter<byte> into);

    private const int RowsPerRead = 1_000;

    private const string Failed = "Collector failed to read or write the rows; its log says why.";
    private const string Stopped = "The live stream has stopped.";

    // Each look costs a write for each reader: many readers share 500 writes a second, few get each row at once.
    private static readonly TimeSpan _shortest = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan _longest = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan _forEach = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan _heartbeat = TimeSpan.FromSeconds(15);

    // After a look that failed nobody joins for so long, and then it is tried again.
    private static readonly TimeSpan _recovery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _silence = TimeSpan.FromMinutes(1);

    private readonly IArrivals _arrivals;
    private readonly CollectorMetrics _metrics;
    private readonly TimeProvider _clock;
    private readonly ILogger<LiveHub> _log;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<LiveFeed> _feeds = [];
    private readonly LiveMemory _memory;
    private readonly LivePageWriter _page;
    private long? _failed;
    private long? _said;
    private bool _isBroken;
    private TaskCompletionSource _joined = New();
    private ImmutableArray<LiveReader> _readers = [];
    private Arrival _at;

    /// <param name="arrivals">The committed rows.</param>
    /// <param name="write">Writes a row as the event that readers are sent.</param>
    /// <param name="maxBytes">What may wait for all readers together; beyond it the slowest are cut.</param>
    /// <param name="metrics">Counts readers that are cut, and looks that fail.</param>
    /// <param name="clock">Says when to look for rows.</param>
    /// <param name="log">Told of looks that fail.</param>
    public LiveHub(IArrivals arrivals, RowWriter write, long maxBytes, CollectorMetrics metrics, TimeProvider clock, ILogger<LiveHub> log)
    {
        (_arrivals, _metrics, _clock, _log) = (arrivals, metrics, clock, log);
        _memory = new LiveMemory(maxBytes);
        _page = new LivePageWriter(write, _memory);
    }

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

    /// <summary>Why no reader may join at this moment; null where it may.</summary>
    public string? WhyNot
    {
        get
        {
            lock (_gate)
            {
                return _stop.IsCancellationRequested ? Stopped
                    : _failed is { } at && _clock.GetElapsedTime(at) < _recovery ? Failed
                    : null;
            }
        }
    }

    /// <summary>It shows no rows any more.</summary>
    public bool HasEnded => _stop.IsCancellationRequested;

    /// <summary>What waits for all readers together, in bytes.</summary>
    public long Waiting => _memory.Used;

    /// <summary>Takes a reader in; null where there is a reason not to.</summary>
    /// <param name="filter">Which rows it wants.</param>
    /// <param name="after">The last row that a returning reader has; it may be ahead of what this hub has shown.</param>
    public LiveReader? Join(RowFilter filter, Arrival after = default)
    {
        lock (_gate)
        {
            if (WhyNot is not null)
            {
                return null;
            }

            if (_readers.IsEmpty)
            {
                // There was no reader: what arrived meanwhile is the snapshot's.
                _at = _arrivals.Newest;
            }

            var from = after.CompareTo(_at) > 0 ? after : _at;
            var reader = new LiveReader(this, FeedOf(filter, from), from, _clock);
            reader.Feed.Join(reader);
            _readers = _readers.Add(reader);
            _joined.TrySetResult();
            return reader;
        }
    }

    /// <summary>Shows rows until it is stopped. No error ends it: the readers are cut, and whoever comes back goes on.</summary>
    public async Task RunAsync()
    {
        using var timer = new PeriodicTimer(_shortest, _clock);
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                await LookAsync(timer);
            }
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

    // Returns when it is stopped, or when a look has failed.
    private async Task LookAsync(PeriodicTimer timer)
    {
        var allowed = _clock.GetTimestamp();
        var (second, beat) = (allowed, allowed);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                await AnybodyAsync().WaitAsync(_stop.Token);
                Recover();
                Pace(timer);
                allowed = Allow(allowed);
                Show();
                second = Every(TimeSpan.FromSeconds(1), second, feed => feed.Nudge(_page.Pages));
                beat = Every(_heartbeat, beat, feed => feed.Beat(_at, _page.Pages));
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Stop ends the loop this way.
        }
        catch (Exception error)
        {
            Fail(error);
        }
    }

    // Whatever it was, out of memory too: it must not throw itself. What it leaves undone the next look does.
    private void Fail(Exception error)
    {
        _isBroken = true;
        try
        {
            _metrics.TaskFailed();
            Recover();
            if (_said is not { } said || _clock.GetElapsedTime(said) >= _silence)
            {
                _said = _clock.GetTimestamp();
                LogFailed(_log, error);
            }
        }
        catch (Exception)
        {
            // There is no memory even for that.
        }
    }

    // Rows of the look that failed may be lost to some readers: all begin again behind what they have.
    private void Recover()
    {
        if (!_isBroken)
        {
            return;
        }

        lock (_gate)
        {
            _failed = _clock.GetTimestamp();
            foreach (var reader in _readers)
            {
                reader.Cut(Failed);
            }

            _page.Begin();
            _feeds.ForEach(static feed => feed.Begin());
            _at = _arrivals.Newest;
            _isBroken = false;
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
        var newest = _arrivals.Newest;
        while (!_stop.IsCancellationRequested && !_readers.IsEmpty)
        {
            var from = At;
            if (from.CompareTo(newest) >= 0)
            {
                return;
            }

            // Not under the gate: a reader that joins or leaves must not wait for the store.
            Deliver(_arrivals.Read(from, RowsPerRead, new Offering(this), _stop.Token));
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
            var length = 0;
            foreach (var feed in _feeds)
            {
                if (feed.Wants(row) && feed.HasRoom())
                {
                    length = length > 0 ? length : _page.Add(row);
                    feed.Add(_page.Last, length);
                }
            }

            return !_page.IsFull;
        }
    }

    private void Deliver(Arrival read)
    {
        lock (_gate)
        {
            _at = read.CompareTo(_at) > 0 ? read : _at;
            var page = _page.Take();
            try
            {
                foreach (var feed in _feeds)
                {
                    feed.Deliver(page);
                }
            }
            finally
            {
                page?.Release();
            }

            CutSlowest();
        }
    }

    // What they don't take holds what the others have long taken: as long as it is too much, those who wait for the oldest go.
    private void CutSlowest()
    {
        while (_memory.IsExceeded)
        {
            var oldest = long.MaxValue;
            foreach (var reader in _readers)
            {
                oldest = Math.Min(oldest, reader.Oldest);
            }

            if (oldest == long.MaxValue)
            {
                return;
            }

            foreach (var reader in _readers)
            {
                if (reader.Oldest == oldest)
                {
                    reader.Cut($"More than {_memory.Max} bytes waited for all live readers together (Limits:LiveBytes), and this one was the slowest.");
                    _metrics.PlaceRefused("live_readers", "slow");
                }
            }
        }
    }

    // Gives the rows of the time that passed; of a second at most, so that no multiplication overflows after a long pause.
    private long Allow(long since)
    {
        var seconds = Math.Min(1, _clock.GetElapsedTime(since).TotalSeconds);
        lock (_gate)
        {
            _feeds.ForEach(feed => feed.Allow((int)(seconds * LiveReader.RowsPerSecond)));
        }

        return _clock.GetTimestamp();
    }

    private long Every(TimeSpan interval, long since, Action<LiveFeed> act)
    {
        if (_clock.GetElapsedTime(since) < interval)
        {
            return since;
        }

        lock (_gate)
        {
            _feeds.ForEach(act);
        }

        return _clock.GetTimestamp();
    }

    [LoggerMessage(LogLevel.Error, "The live stream failed: its readers are told to come back, and it goes on. The same again is not said for a minute")]
    private static partial void LogFailed(ILogger log, Exception error);

    private sealed class Offering(LiveHub hub) : IRowSink
    {
        public bool Accept(in StoredRow row) => hub.Offer(row);
    }
}
