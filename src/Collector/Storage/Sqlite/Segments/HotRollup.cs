using System.Text;
using Collector.Model;

namespace Collector.Storage.Sqlite.Segments;

/// <summary>
/// Figures of an unsealed segment by minute, worker and kind, in memory that is bounded: past the bound they are given
/// up, and queries read rows. One thread adds at a time; any number read.
/// </summary>
internal sealed class HotRollup(int maxCells)
{
    public const int SecondsPerMinute = 60;
    public const int SecondsPerHour = 3_600;
    public const ulong NanosPerSecond = 1_000_000_000;

    // Buckets of durations in all cells together, for each cell that is allowed: 6 bytes each.
    private const int BucketsPerCell = 50;

    private readonly Lock _gate = new();
    private readonly Dictionary<RollupKey, MetricsPoint> _cells = [];
    private readonly Dictionary<string, string> _workers = new(StringComparer.Ordinal);
    private long _buckets;

    // Neighbours in arrival are of the same minute, worker and kind, mostly.
    private byte[] _lastWorker = [];
    private RollupKey _lastKey = new(0, "", Kind.Log);
    private MetricsPoint? _last;

    /// <summary>There were too many cells to keep.</summary>
    public bool IsGivenUp { get; private set; }

    /// <summary>Lets one thread add several rows.</summary>
    public Lock.Scope Enter() => _gate.EnterScope();

    /// <summary>Adds one row; call it within <see cref="Enter"/>.</summary>
    public void Add(ulong nanos, ReadOnlySpan<byte> worker, Kind kind, Level level, long? cpuMs, double? wallMs)
    {
        if (IsGivenUp)
        {
            return;
        }

        var figures = CellOf(nanos, worker, kind);
        var before = figures.Latency?.Buckets ?? 0;
        figures.Add(nanos, level, cpuMs, wallMs);
        _buckets += (figures.Latency?.Buckets ?? 0) - before;
        if (_cells.Count > maxCells || _buckets > (long)maxCells * BucketsPerCell)
        {
            GiveUp();
        }
    }

    /// <summary>Gives every cell, which the caller must not keep; false where they were given up.</summary>
    public bool TryRead(Action<RollupKey, MetricsPoint> read)
    {
        lock (_gate)
        {
            if (IsGivenUp)
            {
                return false;
            }

            foreach (var (key, figures) in _cells)
            {
                read(key, figures);
            }

            return true;
        }
    }

    /// <summary>The latest event time of each worker.</summary>
    public IReadOnlyDictionary<string, ulong> Workers()
    {
        lock (_gate)
        {
            return _cells.GroupBy(static cell => cell.Key.Worker, StringComparer.Ordinal)
                .ToDictionary(static cells => cells.Key, static cells => cells.Max(static cell => cell.Value.LastNanos), StringComparer.Ordinal);
        }
    }

    /// <summary>All cells by the minute, and all by the hour, each in order.</summary>
    public IEnumerable<(int StepSeconds, RollupKey Key, MetricsPoint MetricsPoint)> Everything()
    {
        lock (_gate)
        {
            var hours = new Dictionary<RollupKey, MetricsPoint>();
            foreach (var (key, figures) in _cells)
            {
                var hour = key with { Seconds = key.Seconds - (key.Seconds % SecondsPerHour) };
                if (!hours.TryGetValue(hour, out var sum))
                {
                    hours.Add(hour, sum = new MetricsPoint());
                }

                sum.Add(figures);
            }

            return [.. InOrder(SecondsPerMinute, _cells), .. InOrder(SecondsPerHour, hours)];
        }
    }

    private static IEnumerable<(int StepSeconds, RollupKey Key, MetricsPoint MetricsPoint)> InOrder(int step, Dictionary<RollupKey, MetricsPoint> cells) =>
        cells.OrderBy(static cell => cell.Key.Seconds).Select(cell => (step, cell.Key, cell.Value));

    private MetricsPoint CellOf(ulong nanos, ReadOnlySpan<byte> worker, Kind kind)
    {
        var seconds = nanos / NanosPerSecond;
        seconds -= seconds % SecondsPerMinute;
        if (_last is { } last && _lastKey.Seconds == seconds && _lastKey.Kind == kind && worker.SequenceEqual(_lastWorker))
        {
            return last;
        }

        if (!worker.SequenceEqual(_lastWorker))
        {
            _lastWorker = worker.ToArray();
        }

        _lastKey = new RollupKey(seconds, Interned(worker), kind);
        if (!_cells.TryGetValue(_lastKey, out var figures))
        {
            _cells.Add(_lastKey, figures = new MetricsPoint());
        }

        return _last = figures;
    }

    private string Interned(ReadOnlySpan<byte> worker)
    {
        var name = Encoding.UTF8.GetString(worker);
        if (!_workers.TryGetValue(name, out var known))
        {
            _workers.Add(name, known = name);
        }

        return known;
    }

    private void GiveUp()
    {
        IsGivenUp = true;
        _cells.Clear();
        _workers.Clear();
        _last = null;
    }
}

/// <param name="Seconds">The step's beginning, since 1970.</param>
/// <param name="Worker">Its name.</param>
/// <param name="Kind">Of the rows.</param>
internal readonly record struct RollupKey(ulong Seconds, string Worker, Kind Kind);
