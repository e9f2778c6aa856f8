using Collector.Model;
using Collector.Storage.Sqlite.Driver;
using Collector.Storage.Sqlite.Rollup;
using Collector.Storage.Sqlite.Segments;
using Collector.Storage.Sqlite.TextIndex;

namespace Collector.Storage.Sqlite.Search;

/// <summary>Searches an unsealed segment: its index in memory gives candidates, the rows' own ids verify them.</summary>
internal sealed class HotSearch(Segment segment, HotIndex index, HotRollup rollup) : ISegmentSearch
{
    public long LastRow => index.Count;

    public ulong FirstTimestamp => index.FirstTimestamp;

    public ulong LastTimestamp => index.LastTimestamp;

    public void Collect(ReadSession session, PageScope scope, long lastRow, TopK page)
    {
        if (scope.IsForText && TextScan.IsDue(scope))
        {
            TextScan.Collect(session, segment, Spans(lastRow), scope, lastRow, page);
            return;
        }

        var (from, to) = scope.Range;
        var filter = new HotFilter
        {
            CorrelationHash = scope.CorrelationHash,
            TraceHash = scope.TraceHash,
            Worker = scope.Worker is null ? null : index.WorkerNumber(scope.Worker),
            MinLevel = scope.Query.MinLevel,
            Kind = scope.Query.Kind,
            From = from,
            To = to,
            LastRow = lastRow,
        };
        index.Collect(filter, page, session.Cancellation);
    }

    public void FindCorrelation(ReadSession session, CorrelationKey key, long lastRow, CorrelationRows found)
    {
        foreach (var rowid in index.CorrelationCandidates(key.Hash, lastRow))
        {
            var position = PositionOf(rowid);
            if ((!found.IsFullOfTraces || found.Wants(position))
                && session.TryReadIds(segment, rowid, out var correlation, out var trace, out _) && correlation.SequenceEqual(key.Id))
            {
                found.Add(position);
                if (TraceIds.TryParse(trace, out var number))
                {
                    found.AddTrace(number);
                }
            }
        }
    }

    public void FindRequest(ReadSession session, CorrelationKey key, long lastRow, CorrelationRows found)
    {
        foreach (var rowid in index.RequestCandidates(key.Hash, lastRow))
        {
            var position = PositionOf(rowid);
            if ((!found.IsFullOfTraces || found.Wants(position))
                && session.TryReadIds(segment, rowid, out _, out var trace, out var request) && request.SequenceEqual(key.Id))
            {
                found.Add(position);
                if (TraceIds.TryParse(trace, out var number))
                {
                    found.AddTrace(number);
                }
            }
        }
    }

    public void FindSpan(ReadSession session, byte[] span, long lastRow, CorrelationRows found) =>
        SpanSearch.Find(session, segment, span, lastRow, found);

    public void FindTrace(ReadSession session, UInt128 trace, long lastRow, CorrelationRows found)
    {
        foreach (var rowid in index.TraceCandidates(session.Hasher.Of(trace), lastRow))
        {
            // Mostly the correlation id has led to the row already, and it need not be read again.
            var position = PositionOf(rowid);
            if (found.Wants(position)
                && session.TryReadIds(segment, rowid, out _, out var text, out _)
                && TraceIds.TryParse(text, out var number)
                && number == trace)
            {
                found.Add(position);
            }
        }
    }

    public bool TryRollUp(ReadSession session, int stepSeconds, RollupScope scope) => rollup.TryRead(scope.Add);

    public void Measure(ReadSession session, RowMetrics figures, long lastRow)
    {
        var (from, to) = (figures.Query.From, figures.Query.To);
        if (figures.AreCounts && figures.Worker is null)
        {
            Count(session, figures, lastRow);
            return;
        }

        foreach (var (first, last) in index.Within(from, to, lastRow))
        {
            if (session.ReaderOf(segment) is not { } reader)
            {
                return;
            }

            var rows = reader.Prepared("figures_by_rowid");
            rows.Bind(1, first);
            rows.Bind(2, last);
            figures.AddRows(rows);
        }
    }

    public IReadOnlyDictionary<string, ulong> Workers(ReadSession session) => rollup.Workers();

    // Time and level stand in memory.
    private void Count(ReadSession session, RowMetrics figures, long lastRow)
    {
        foreach (var (first, last) in index.Within(figures.Query.From, figures.Query.To, lastRow))
        {
            session.Cancellation.ThrowIfCancellationRequested();
            for (var row = first; row <= last; row++)
            {
                if (index.LevelOf(row) is var level && level >= figures.MinLevel)
                {
                    figures.AddCount(index.TimestampOf(row), level);
                }
            }
        }
    }

    // A million rows in some 3 ms.
    private List<TextSpan> Spans(long lastRow)
    {
        const int RowsInSpan = 512;
        var spans = new List<TextSpan>();
        for (var first = 1L; first <= lastRow; first += RowsInSpan)
        {
            var span = new TextSpan(first, Math.Min(first + RowsInSpan - 1, lastRow), ulong.MaxValue, 0);
            var (earliest, latest) = (ulong.MaxValue, 0UL);
            for (var row = span.First; row <= span.Last; row++)
            {
                var nanos = index.TimestampOf(row);
                (earliest, latest) = (Math.Min(earliest, nanos), Math.Max(latest, nanos));
            }

            spans.Add(span with { FirstTimestamp = earliest, LastTimestamp = latest });
        }

        return spans;
    }

    private Position PositionOf(long rowid) => new(index.TimestampOf(rowid), new Arrival(index.Segment, rowid));
}
