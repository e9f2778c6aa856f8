using System.Text;
using Collector.Model;

namespace Collector.Storage.Sqlite;

/// <summary>
/// Answers a question page by page of candidates. 1. Each segment's index offers its candidates; the best limit + 1
/// are kept. 2. These are read in order, and what the index could not tell is verified on the row. 3. Where that
/// threw candidates away and more may come, the search goes on behind the last one, with a larger page.
/// </summary>
internal sealed class PageSearch
{
    private readonly ReadSession _session;
    private readonly LogQuestion _question;
    private readonly Arrival _watermark;
    private readonly byte[]? _correlation;
    private readonly byte[]? _trace;
    private readonly byte[]? _worker;
    private readonly ulong? _correlationHash;
    private readonly ulong? _traceHash;
    private readonly bool _nothingCanMatch;

    public PageSearch(ReadSession session, LogQuestion question)
    {
        _session = session;
        _question = question;
        _watermark = question.Watermark is { } asked && asked.CompareTo(session.Watermark) < 0
            ? asked
            : session.Watermark;
        _correlation = Utf8(question.CorrelationId);
        _trace = Utf8(question.TraceId);
        _worker = Utf8(question.Worker);
        _correlationHash = _correlation is null ? null : session.Hasher.Of(_correlation);
        if (question.TraceId is not null)
        {
            _nothingCanMatch = !TraceIds.TryParse(_trace, out var trace);
            _traceHash = session.Hasher.Of(trace);
        }
    }

    public PageEnd Run(IRowSink sink)
    {
        var given = 0;
        var limit = _question.Limit;
        Position? last = null;
        var after = _question.After;
        var size = Math.Max(0, _question.Limit) + 1L;
        while (!_nothingCanMatch)
        {
            var page = Collect(after, size);
            var mayBeMore = page.IsFull;
            foreach (var position in page.Drain())
            {
                if (_session.TryRead(position, out var row) && Matches(row))
                {
                    if (given >= limit)
                    {
                        return new PageEnd(last, true, _watermark);
                    }

                    last = position;
                    given++;
                    limit = sink.Accept(row) ? limit : given;
                }

                after = position;
            }

            if (!mayBeMore)
            {
                break;
            }

            size *= 2;
        }

        return new PageEnd(last, false, _watermark);
    }

    private BestPositions Collect(Position? after, long size)
    {
        var page = new BestPositions((int)Math.Min(size, Array.MaxLength), _question.Descending, after);
        var segments = _session.Segments;
        for (var i = 0; i < segments.Length; i++)
        {
            var segment = segments[_question.Descending ? segments.Length - 1 - i : i];
            var lastRow = _watermark.RowsOf(segment);
            if (lastRow > 0 && page.CanTake(segment.Index.FirstTimestamp, segment.Index.LastTimestamp))
            {
                segment.Index.Collect(FilterFor(segment.Index, lastRow, after), page, _session.Cancellation);
            }
        }

        return page;
    }

    private HotFilter FilterFor(HotIndex index, long lastRow, Position? after)
    {
        // The cursor's time bounds the search too, so that the blocks of earlier pages are skipped.
        var from = after is { } low && !_question.Descending ? low.TimestampNanos : 0;
        var to = after is { TimestampNanos: < ulong.MaxValue } high && _question.Descending
            ? high.TimestampNanos + 1
            : ulong.MaxValue;
        return new HotFilter
        {
            CorrelationHash = _correlationHash,
            TraceHash = _traceHash,
            Worker = _worker is null ? null : index.WorkerNumber(_worker),
            MinLevel = _question.MinLevel,
            From = Math.Max(_question.From, from),
            To = Math.Min(_question.To, to),
            LastRow = lastRow,
        };
    }

    private bool Matches(in StoredRow row) =>
        (_correlation is null || row.CorrelationId.SequenceEqual(_correlation))
        && (_trace is null || row.TraceId.SequenceEqual(_trace))
        && (_worker is null || row.WorkerName.SequenceEqual(_worker));

    private static byte[]? Utf8(string? text) => text is null ? null : Encoding.UTF8.GetBytes(text);
}
