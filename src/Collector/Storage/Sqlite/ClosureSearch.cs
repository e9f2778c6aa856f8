using System.Text;
using Collector.Model;

namespace Collector.Storage.Sqlite;

/// <summary>
/// Answers for an id with its closure. 1. Rows with that correlation id; each names its trace. 2. Rows of these
/// traces, and of the trace that the id itself may be. 3. All in order. Whole rows are read once, in the end.
/// </summary>
internal sealed class ClosureSearch(ReadSession session, string id)
{
    private readonly ClosureRows _found = new();

    public bool Run(int limit, IRowSink sink)
    {
        var bytes = Encoding.UTF8.GetBytes(id);
        var key = new CorrelationKey(bytes, session.Hasher.Of(bytes));
        foreach (var searched in session.Segments)
        {
            searched.Search.FindCorrelation(session, key, searched.RowsUpTo(session.Watermark), _found);
        }

        if (TraceIds.TryParse(id, out var trace))
        {
            _found.AddTrace(trace);
        }

        // Segment by segment, since each costs a connection and a trace only a look.
        foreach (var searched in session.Segments)
        {
            FindTraces(searched);
        }

        return Give(limit, sink);
    }

    private void FindTraces(SearchedSegment searched)
    {
        foreach (var trace in _found.Traces)
        {
            searched.Search.FindTrace(session, trace, searched.RowsUpTo(session.Watermark), _found);
        }
    }

    private bool Give(int limit, IRowSink sink)
    {
        var given = 0;
        foreach (var position in _found.InOrder())
        {
            if (given == limit)
            {
                return true;
            }

            if (session.TryRead(position, out var row))
            {
                given++;
                limit = sink.Accept(row) ? limit : given;
            }
        }

        return false;
    }
}
