using Collector.Model;

namespace Collector.Storage.Sqlite;

/// <summary>Rows found for an id, each once, and the traces that they belong to.</summary>
internal sealed class ClosureRows
{
    private readonly HashSet<Arrival> _arrivals = [];
    private readonly List<Position> _positions = [];
    private readonly HashSet<UInt128> _traces = [];

    public IReadOnlyCollection<UInt128> Traces => _traces;

    public bool Contains(Arrival arrival) => _arrivals.Contains(arrival);

    public void Add(Position position)
    {
        if (_arrivals.Add(position.Arrival))
        {
            _positions.Add(position);
        }
    }

    public void AddTrace(UInt128 trace) => _traces.Add(trace);

    /// <summary>All of them, oldest first.</summary>
    public IReadOnlyList<Position> InOrder()
    {
        _positions.Sort();
        return _positions;
    }
}
