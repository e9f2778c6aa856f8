using System.Globalization;
using System.Text;
using Collector.Model;
using Collector.Storage.Sqlite.Segments;

namespace Collector.Storage.Sqlite.Search;

/// <summary>
/// Answers for an id with its closure. 1. Rows with that correlation or request id, in any form in which it may have been stored; each
/// names its trace. 2. Rows of these traces, and of the trace that the id itself may be. 3. Where nothing was found, the rows of the
/// span that the id may be, and those that hold it elsewhere. 4. All in order. Whole rows are read once, in the end. Only the
/// oldest are kept, one more than are asked for, and as many traces; segments whose rows are all later need no look.
/// </summary>
internal sealed class CorrelationSearch(ReadSession session, string id, int limit)
{
    // A shorter one stands in every second row.
    private const int ShortestElsewhere = 4;

    // Rows that are read in vain for a span that nobody sent: some two seconds.
    private const long MostRowsOfSpans = 4_000_000;

    private readonly CorrelationRows _found = new((int)Math.Min(Math.Max(0, limit) + 1L, Array.MaxLength));

    public bool Run(IRowSink sink)
    {
        var segments = session.Segments.Sort(
            static (one, other) => one.Search.FirstTimestamp.CompareTo(other.Search.FirstTimestamp));
        if (IdText.TryTrace(id, out var trace))
        {
            _found.AddTrace(trace);
        }

        FindIds(segments);
        FindTraces(segments);
        if (_found.Count == 0)
        {
            FindSpan(segments);
            FindElsewhere();
            FindTraces(segments);
        }

        return Give(sink);
    }

    private void FindIds(IEnumerable<SearchedSegment> segments)
    {
        CorrelationKey[] keys = [.. IdText.Forms(id).Select(Encoding.UTF8.GetBytes).Select(form => new CorrelationKey(form, session.Hasher.Of(form)))];
        foreach (var searched in segments)
        {
            // Also of rows that have no place the traces may have older ones.
            if (_found.IsFullOfTraces && !_found.CanTake(searched.Search.FirstTimestamp))
            {
                continue;
            }

            foreach (var key in keys)
            {
                // Each row is kept once, so that a step that is taken anew adds none twice.
                var lastRow = searched.RowsUpTo(session.Watermark);
                Step(searched, search => search.FindCorrelation(session, key, lastRow, _found));
                Step(searched, search => search.FindRequest(session, key, lastRow, _found));
            }
        }
    }

    // Segment by segment, since each costs a connection and a trace only a look.
    private void FindTraces(IEnumerable<SearchedSegment> segments)
    {
        foreach (var searched in segments)
        {
            FindTraces(searched);
        }
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

    // The newest first: people ask for what happened just now.
    private void FindSpan(IEnumerable<SearchedSegment> segments)
    {
        if (!IdText.TrySpan(Encoding.UTF8.GetBytes(id), out var number))
        {
            return;
        }

        var span = Encoding.ASCII.GetBytes(number.ToString("x16", CultureInfo.InvariantCulture));
        var read = 0L;
        foreach (var searched in segments.Reverse())
        {
            if (_found.Count > 0 || read > MostRowsOfSpans)
            {
                return;
            }

            var lastRow = searched.RowsUpTo(session.Watermark);
            read += lastRow;
            Step(searched, search => search.FindSpan(session, span, lastRow, _found));
        }
    }

    // A row may have several ids, of which one found a column.
    private void FindElsewhere()
    {
        var text = id.Trim();
        if (_found.Count > 0 || text.Length < ShortestElsewhere)
        {
            return;
        }

        var query = new LogQuery { Text = text, Descending = false, Limit = limit };
        new PageSearch(session, query).Run(new Holders(text, _found));
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
        foreach (var position in new InvocationOrder(session).Of(_found.Drain()))
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

    /// <summary>Keeps the rows whose context has the text as a whole value.</summary>
    private sealed class Holders(string text, CorrelationRows found) : IRowSink
    {
        private readonly byte[] _value = Encoding.UTF8.GetBytes($"\"{TextNeedle.InJson(text)}\"");
        private readonly byte[] _number = Encoding.UTF8.GetBytes($":{text}");

        public bool Accept(in StoredRow row)
        {
            if (row.ContextJson.IndexOf(_value) >= 0 || IsNumber(row.ContextJson))
            {
                found.Add(row.Position);
                if (TraceIds.TryParse(row.TraceId, out var trace))
                {
                    found.AddTrace(trace);
                }
            }

            return true;
        }

        private bool IsNumber(ReadOnlySpan<byte> context) =>
            char.IsAsciiDigit(text[^1]) && context.IndexOf(_number) is >= 0 and var at
            && at + _number.Length < context.Length && context[at + _number.Length] is (byte)',' or (byte)'}';
    }
}
