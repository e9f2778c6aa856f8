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
        var query = FilterReader.Read(read) with
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
            return new LogsResponse(rows, GapResponse.Of(gaps), cursor);
        }
        catch
        {
            rows.Dispose();
            throw;
        }
    }
}

/// <summary>Owns the rows, and gives their memory back.</summary>
internal sealed class LogsResponse(RowJson rows, IReadOnlyList<GapResponse> gaps, string? cursor) : ILargeAnswer
{
    public RawJson Logs { get; } = rows.Finish();

    public IReadOnlyList<GapResponse> Gaps => gaps;

    public string? NextCursor => cursor;

    long ILargeAnswer.Bytes => Logs.Bytes.Length;

    public void Dispose() => rows.Dispose();
}
