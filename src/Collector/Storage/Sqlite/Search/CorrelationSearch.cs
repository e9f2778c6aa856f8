using System.Text;
using Collector.Model;
using Collector.Storage.Sqlite.Segments;

namespace Collector.Storage.Sqlite.Search;

/// <summary>
/// Answers for an id with its closure. 1. Rows with that correlation id; each names its trace. 2. Rows of these
/// traces, and of the trace that the id itself may be. 3. All in order. Whole rows are read once, in the end. Only the
/// oldest are kept, one more than are asked for, and as many traces; segments whose rows are all later need no look.
/// </summary>
internal sealed class CorrelationSearch(ReadSession session, string id, int limit)
{
    private readonly CorrelationRows _found = new((int)Math.Min(Math.Max(0, limit) + 1L, Array.MaxLength));

    public bool Run(IRowSink sink)
    {
        var bytes = Encoding.UTF8.GetBytes(id);
        var key = new CorrelationKey(bytes, session.Hasher.Of(bytes));
        var segments = session.Segments.Sort(
            static (one, other) => one.Search.FirstTimestamp.CompareTo(other.Search.FirstTimestamp));
        if (TraceIds.TryParse(id, out var trace))
        {
            _found.AddTrace(trace);
        }

        foreach (var searched in segments)
        {
            // Also of rows that have no place the traces may have older ones.
            if (!_found.IsFullOfTraces || _found.CanTake(searched.Search.FirstTimestamp))
            {
                // Each row is kept once, so that a step that is taken anew adds none twice.
                Step(searched, search => search.FindCorrelation(session, key, searched.RowsUpTo(session.Watermark), _found));
            }
        }

        // Segment by segment, since each costs a connection and a trace only a look.
        foreach (var searched in segments)
        {
            FindTraces(searched);
        }

        return Give(sink);
    }

    private void FindTraces(SearchedSegment searched)
    {
        foreach (var trace in _found.Traces)
        {
            if (!_found.CanTake(searched.Search.FirstTimestamp))
            {
                return;
            }

            Step(searched, search => search.FindTrace(session, trace, searched.RowsUpTo(session.Watermark), _found));
        }
    }

    private void Step(SearchedSegment searched, Action<ISegmentSearch> step)
    {
        if (!session.TryStep(searched, step))
        {
            step(searched.Search);
        }
    }

    private bool Give(IRowSink sink)
    {
        var (given, max) = (0, limit);
        foreach (var position in _found.Drain())
        {
            if (given == max)
            {
                return true;
            }

            if (session.TryRead(position, out var row))
            {
                given++;
                max = sink.Accept(row) ? max : given;
            }
        }

        return _found.IsCut;
    }
}
