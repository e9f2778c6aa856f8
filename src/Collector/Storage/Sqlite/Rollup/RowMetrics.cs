using System.Text;
using Collector.Model;
using Collector.Storage.Sqlite.Driver;

namespace Collector.Storage.Sqlite.Rollup;

/// <summary>Figures that are made of the rows themselves. Used by one thread.</summary>
internal sealed class RowMetrics(RollupScope scope)
{
    // Neighbours are of the same worker and step, mostly.
    private byte[] _lastWorker = [];
    private ulong _lastFrom = 1;
    private ulong _lastTo;
    private MetricsPoint? _last;

    public MetricsQuery Query => scope.Query;

    public RollupScope Scope => scope;

    /// <summary>The worker that is asked for, in UTF-8.</summary>
    public byte[]? Worker { get; } = scope.Query.Worker is { } name ? Encoding.UTF8.GetBytes(name) : null;

    /// <summary>Time and level of a row say all.</summary>
    public bool AreCounts => Query is { CountsFrom: not null, Kind: null };

    /// <summary>The least level that is asked for.</summary>
    public Level MinLevel => Query.CountsFrom ?? Level.Debug;

    /// <summary>Adds what one of the <c>figures_….sql</c> gives, as far as it is asked for.</summary>
    public void AddRows(SqliteStatement rows)
    {
        while (rows.Read())
        {
            var nanos = Timestamps.FromColumn(rows.Text(0));
            var worker = rows.Text(1);
            if (nanos >= Query.From && nanos < Query.To
                && (Worker is null || worker.SequenceEqual(Worker))
                && (Query.Kind is null || Names.KindOf(rows.Text(3)) == Query.Kind))
            {
                Of(worker, nanos).Add(
                    nanos, Names.LevelOf(rows.Text(2)), rows.IsNull(4) ? null : rows.Integer(4), rows.IsNull(5) ? null : rows.Real(5));
            }
        }

        rows.Reset();
    }

    /// <summary>Adds what one of the <c>counts_….sql</c> gives.</summary>
    public void AddCounts(SqliteStatement rows, Level level)
    {
        while (rows.Read())
        {
            AddCount(Timestamps.FromColumn(rows.Text(0)), level);
        }

        rows.Reset();
    }

    /// <summary>Counts a row of the time that is asked for.</summary>
    public void AddCount(ulong nanos, Level level)
    {
        if (nanos >= Query.From && nanos < Query.To)
        {
            Of(default, nanos).Add(level, 1);
        }
    }

    private MetricsPoint Of(ReadOnlySpan<byte> worker, ulong nanos)
    {
        if (nanos >= _lastFrom && nanos < _lastTo && worker.SequenceEqual(_lastWorker))
        {
            return _last!;
        }

        if (!worker.SequenceEqual(_lastWorker))
        {
            _lastWorker = worker.ToArray();
        }

        _lastFrom = nanos - ((nanos - Query.From) % Query.Step);
        _lastTo = Math.Max(_lastFrom, _lastFrom + Query.Step);
        return _last = scope.StepOf(Encoding.UTF8.GetString(worker), nanos);
    }
}
