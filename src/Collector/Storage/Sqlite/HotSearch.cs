using Collector.Model;

namespace Collector.Storage.Sqlite;

/// <summary>Searches an unsealed segment: its index in memory gives candidates, the rows' own ids verify them.</summary>
internal sealed class HotSearch(Segment segment, HotIndex index, Rollup rollup) : ISegmentSearch
{
    public long Rows => index.Count;

    public ulong FirstTimestamp => index.FirstTimestamp;

    public ulong LastTimestamp => index.LastTimestamp;

    public void Collect(ReadSession session, PageScope scope, long lastRow, BestPositions page)
    {
        var (from, to) = scope.Range;
        var filter = new HotFilter
        {
            CorrelationHash = scope.CorrelationHash,
            TraceHash = scope.TraceHash,
            Worker = scope.Worker is null ? null : index.WorkerNumber(scope.Worker),
            MinLevel = scope.Question.MinLevel,
            From = from,
            To = to,
            LastRow = lastRow,
        };
        index.Collect(filter, page, session.Cancellation);
    }

    public void FindCorrelation(ReadSession session, CorrelationKey key, long lastRow, ClosureRows found)
    {
        var candidates = new List<long>();
        index.CorrelationCandidates(key.Hash, lastRow, candidates);
        foreach (var rowid in candidates)
        {
            if (session.TryReadIds(segment, rowid, out var correlation, out var trace) && correlation.SequenceEqual(key.Id))
            {
                found.Add(PositionOf(rowid));
                if (TraceIds.TryParse(trace, out var number))
                {
                    found.AddTrace(number);
                }
            }
        }
    }

    public void FindTrace(ReadSession session, UInt128 trace, long lastRow, ClosureRows found)
    {
        var candidates = new List<long>();
        index.TraceCandidates(session.Hasher.Of(trace), lastRow, candidates);
        foreach (var rowid in candidates)
        {
            // Mostly the correlation id has led to the row already, and it need not be read again.
            if (!found.Contains(new Arrival(index.Segment, rowid))
                && session.TryReadIds(segment, rowid, out _, out var text)
                && TraceIds.TryParse(text, out var number)
                && number == trace)
            {
                found.Add(PositionOf(rowid));
            }
        }
    }

    public bool TryRollUp(ReadSession session, int stepSeconds, RollupScope scope) => rollup.TryCollect(scope);

    public IReadOnlyDictionary<string, ulong> Workers(ReadSession session) => rollup.Workers();

    private Position PositionOf(long rowid) => new(index.TimestampOf(rowid), new Arrival(index.Segment, rowid));
}
