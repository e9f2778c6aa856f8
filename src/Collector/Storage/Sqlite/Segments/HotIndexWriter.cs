using Collector.Model;

namespace Collector.Storage.Sqlite.Segments;

/// <summary>
/// Decides what fills a hot index: after a start the rebuild, which reads from the file what earlier processes
/// wrote and whatever is committed meanwhile; once nothing committed is missing, the writer adds its rows itself. The
/// change-over and each commit exclude each other, so that no row is missed and none comes twice.
/// </summary>
internal sealed class HotIndexWriter(HotIndex index, HotRollup rollup, long committed)
{
    private readonly Lock _gate = new();
    private long _committed = committed;
    private bool _live;

    public HotIndex Index => index;

    public HotRollup Rollup => rollup;

    /// <summary>Rows in the file, known to the index or not.</summary>
    public long CommittedRows => Volatile.Read(ref _committed);

    /// <summary>The writer calls it once a transaction is committed, before it tells its caller.</summary>
    public void Committed(IReadOnlyList<RowBatch> batches, int rows)
    {
        lock (_gate)
        {
            _committed += rows;
            if (_live)
            {
                AddAll(batches);
                index.Publish();
            }
        }
    }

    /// <summary>The rebuild asks whether it is done: if not, up to which rowid it has to read on.</summary>
    public bool TryGoLive(out long committed)
    {
        lock (_gate)
        {
            committed = _committed;
            _live = index.Count == committed;
            return _live;
        }
    }

    private void AddAll(IReadOnlyList<RowBatch> batches)
    {
        using var adding = rollup.Enter();
        for (var i = 0; i < batches.Count; i++)
        {
            if (batches[i].Pieces is null)
            {
                Add(batches[i]);
                continue;
            }

            foreach (var piece in batches[i].InPieces())
            {
                Add(piece);
            }
        }
    }

    private void Add(RowBatch batch)
    {
        foreach (ref readonly var row in batch.Rows)
        {
            index.Add(row.TimestampNanos, row.Level, row.Kind, batch.Text(row.Worker), batch.Text(row.CorrelationId),
                row.TraceId, batch.Text(row.RequestId));
            rollup.Add(row.TimestampNanos, batch.Text(row.Worker), row.Kind, row.Level, row.ExecutionTimeMs, row.WallTimeMs);
        }
    }
}
