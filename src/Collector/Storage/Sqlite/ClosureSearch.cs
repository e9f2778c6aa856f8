using System.Text;

namespace Collector.Storage.Sqlite;

/// <summary>
/// Answers for an id with its closure. 1. Rows with that correlation id; each names its trace. 2. Rows of these
/// traces, and of the trace that the id itself may be. 3. All in order. Candidates are verified on the row's ids while
/// they are collected, so that the traces are the right ones; the whole rows are read once, in the end.
/// </summary>
internal sealed class ClosureSearch(ReadSession session, string id)
{
    private readonly byte[] _id = Encoding.UTF8.GetBytes(id);
    private readonly HashSet<UInt128> _traces = [];
    private readonly HashSet<Arrival> _found = [];
    private readonly List<Position> _positions = [];
    private readonly List<long> _candidates = [];

    public bool Run(int limit, IRowSink sink)
    {
        CollectCorrelation();
        if (TraceIds.TryParse(id, out var trace))
        {
            _traces.Add(trace);
        }

        foreach (var one in _traces)
        {
            CollectTrace(one);
        }

        _positions.Sort();
        return Give(limit, sink);
    }

    private void CollectCorrelation()
    {
        var hash = session.Hasher.Of(_id);
        foreach (var segment in session.Segments)
        {
            var index = segment.Index;
            _candidates.Clear();
            index.CorrelationCandidates(hash, session.Watermark.RowsOf(segment), _candidates);
            foreach (var rowid in _candidates)
            {
                if (session.ReaderOf(segment).TryReadIds(rowid, out var correlation, out var trace)
                    && correlation.SequenceEqual(_id))
                {
                    Found(index, rowid);
                    if (TraceIds.TryParse(trace, out var number))
                    {
                        _traces.Add(number);
                    }
                }
            }
        }
    }

    private void CollectTrace(UInt128 wanted)
    {
        var hash = session.Hasher.Of(wanted);
        foreach (var segment in session.Segments)
        {
            var index = segment.Index;
            _candidates.Clear();
            index.TraceCandidates(hash, session.Watermark.RowsOf(segment), _candidates);
            foreach (var rowid in _candidates)
            {
                // Mostly the correlation id has led to the row already, and it need not be read again.
                if (!_found.Contains(new Arrival(index.Segment, rowid))
                    && session.ReaderOf(segment).TryReadIds(rowid, out _, out var trace)
                    && TraceIds.TryParse(trace, out var number)
                    && number == wanted)
                {
                    Found(index, rowid);
                }
            }
        }
    }

    private void Found(HotIndex index, long rowid)
    {
        var arrival = new Arrival(index.Segment, rowid);
        if (_found.Add(arrival))
        {
            _positions.Add(new Position(index.TimestampOf(rowid), arrival));
        }
    }

    private bool Give(int limit, IRowSink sink)
    {
        var given = 0;
        foreach (var position in _positions)
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
