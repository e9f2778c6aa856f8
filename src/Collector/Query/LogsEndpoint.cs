using Collector.Model;
using Collector.Storage;

namespace Collector.Query;

/// <summary><c>GET /api/logs</c>: rows by filter, a page at a time, or all of them as JSON lines.</summary>
internal sealed class LogsEndpoint(ILogReader reader, GapSearch missing, QueryGate gate, TimeProvider clock)
{
    private const int DefaultRows = 100;
    private const int MaxRows = 1_000;

    public RequestDelegate Create()
    {
        var page = ApiEndpoint.Create(clock, static read => Read(read, DefaultRows, MaxRows), gate, Find);
        var stream = ApiEndpoint.Create(clock, static read => Read(read, int.MaxValue, int.MaxValue), new LogsStream(reader, gate).WriteAsync);
        return context => LogsStream.IsWanted(context) ? stream(context) : page(context);
    }

    private static LogQuery Read(ParameterReader read, int defaultRows, int maxRows)
    {
        var query = FilterReader.Read(read, endsNow: true) with
        {
            Descending = read.Choice("order", "desc", "asc"),
            Limit = read.Number("limit", defaultRows, 1, maxRows),
        };
        return read.Cursor("cursor") is not { } from ? query : query with
        {
            Descending = from.Descending,
            After = from.After,
            Watermark = from.Watermark,
            From = from.From,
            To = from.To,
        };
    }

    private LogsResponse Find(LogQuery query, CancellationToken cancellation)
    {
        var rows = new RowJson();
        try
        {
            var page = reader.Find(query, rows, cancellation);
            var gaps = missing.Find(query.Worker, query.From, query.To, cancellation);
            var cursor = page is { More: true, Last: { } last }
                ? new PageCursor(query.Descending, last, page.Watermark, query.From, query.To).ToString()
                : null;
            return new LogsResponse(rows, GapResponse.Of(gaps), cursor, CountLater(query, page.Watermark, cancellation));
        }
        catch
        {
            rows.Dispose();
            throw;
        }
    }

    // Of a span back from now: rows whose producers' clocks are ahead, at most so many. They are left out, and this says so.
    private int CountLater(LogQuery query, Arrival watermark, CancellationToken cancellation)
    {
        if (!query.EndsNow)
        {
            return 0;
        }

        var later = new RowCount();
        reader.Find(
            query with { From = query.To, To = ulong.MaxValue, After = null, Watermark = watermark, Limit = MaxRows }, later, cancellation);
        return later.Count;
    }

    private sealed class RowCount : IRowSink
    {
        public int Count { get; private set; }

        public bool Accept(in StoredRow row)
        {
            Count++;
            return true;
        }
    }
}

/// <summary>Owns the rows, and gives their memory back.</summary>
internal sealed class LogsResponse(RowJson rows, IReadOnlyList<GapResponse> gaps, string? cursor, int later) : ILargeAnswer
{
    public RawJson Logs { get; } = rows.Finish();

    public IReadOnlyList<GapResponse> Gaps => gaps;

    public string? NextCursor => cursor;

    public int LaterRows => later;

    long ILargeAnswer.Bytes => Logs.Bytes.Length;

    public void Dispose() => rows.Dispose();
}
