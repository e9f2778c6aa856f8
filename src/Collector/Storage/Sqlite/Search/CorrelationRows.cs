using Collector.Model;

namespace Collector.Storage.Sqlite.Search;

/// <summary>
/// The oldest rows found for an id, each once, and the traces that rows of it belong to: no more of either than the answer
/// has use for, however many there are.
/// </summary>
/// <param name="max">Of the rows, and of the traces.</param>
internal sealed class CorrelationRows(int max)
{
    private static readonly Comparer<Position> _latestOnTop =
        Comparer<Position>.Create(static (left, right) => right.CompareTo(left));

    private readonly PriorityQueue<Position, Position> _kept = new(_latestOnTop);
    private readonly HashSet<Arrival> _arrivals = [];
    private readonly HashSet<UInt128> _traces = [];

    public IReadOnlyCollection<UInt128> Traces => _traces;

    /// <summary>Rows that are kept.</summary>
    public int Count => _kept.Count;

    /// <summary>So many traces are there that no other is taken.</summary>
    public bool IsFullOfTraces => _traces.Count >= max;

    /// <summary>Something was found that is not among the rows or traces.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Whether the row is not there yet and older than one that is, or there is room.</summary>
    public bool Wants(in Position position) => HasPlaceFor(position) && !_arrivals.Contains(position.Arrival);

    /// <summary>Whether rows from this time on can still have a place.</summary>
    public bool CanTake(ulong firstNanos) => _kept.Count < max || firstNanos <= _kept.Peek().TimestampNanos;

    public void Add(in Position position)
    {
        if (!HasPlaceFor(position))
        {
            IsCut = true;
            return;
        }

        if (!_arrivals.Add(position.Arrival))
        {
            return;
        }

        if (_kept.Count < max)
        {
            _kept.Enqueue(position, position);
            return;
        }

        _arrivals.Remove(_kept.DequeueEnqueue(position, position).Arrival);
        IsCut = true;
    }

    public void AddTrace(UInt128 trace)
    {
        if (!IsFullOfTraces)
        {
            _traces.Add(trace);
        }
        else
        {
            IsCut |= !_traces.Contains(trace);
        }
    }

    /// <summary>Takes all of them out, oldest first.</summary>
    public Position[] Drain()
    {
        var positions = new Position[_kept.Count];
        for (var i = positions.Length - 1; i >= 0; i--)
        {
            positions[i] = _kept.Dequeue();
        }

        return positions;
    }

    private bool HasPlaceFor(in Position position) => _kept.Count < max || position.CompareTo(_kept.Peek()) <= 0;
}
