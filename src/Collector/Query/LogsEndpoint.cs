using System.Text.Json;
using Collector.Model;
using Collector.Storage;

namespace Collector.Query;

/// <summary><c>GET /api/logs</c>: rows by filter, a page at a time.</summary>
internal sealed class LogsEndpoint(ILogReader reader, GapSearch missing, QueryGate gate, TimeProvider clock)
{
    private readonly LogsStream _stream = new(reader, gate);

    public async Task HandleAsync(HttpContext context)
    {
        var parameters = new ParameterReader(context.Request.Query, clock.GetUtcNow());
        var isStream = LogsStream.IsWanted(context);
        var query = Read(parameters, isStream);
        if (parameters.Problem is { } wrong)
        {
            await wrong.WriteAsync(context);
            return;
        }

        if (isStream)
        {
            await _stream.WriteAsync(context, query);
            return;
        }

        using var rows = new RowJson();
        PageEnd page = default;
        IReadOnlyList<Gap> gaps = [];
        var problem = await gate.RunAsync(
            token =>
            {
                page = reader.Find(query, rows, token);
                gaps = missing.Find(query.Worker, query.From, query.To, token);
            },
            context.RequestAborted);
        if (problem is not null)
        {
            await problem.WriteAsync(context);
            return;
        }

        var cursor = page is { More: true, Last: { } last }
            ? new PageCursor(query.Descending, last, page.Watermark, query.From, query.To).ToString()
            : null;
        await WriteAsync(context, rows, gaps, cursor);
    }

    private static LogQuery Read(ParameterReader read, bool isStream)
    {
        var query = FilterReader.Read(read) with
        {
            Descending = read.Choice("order", "desc", "asc"),
            Limit = isStream ? read.Number("limit", int.MaxValue, 1, int.MaxValue) : read.Number("limit", 100, 1, 1000),
        };
        var cursor = read.Cursor("cursor");
        read.RejectUnknown();
        return cursor is not { } from ? query : query with
        {
            Descending = from.Descending,
            After = from.After,
            Watermark = from.Watermark,
            From = from.From,
            To = from.To,
        };
    }

    private static async Task WriteAsync(HttpContext context, RowJson rows, IReadOnlyList<Gap> gaps, string? cursor)
    {
        context.Response.ContentType = "application/json";
        using (var json = new Utf8JsonWriter(context.Response.BodyWriter, RowJson.WriterOptions))
        {
            json.WriteStartObject();
            json.WritePropertyName("logs");
            json.WriteRawValue(rows.Finish(), skipInputValidation: true);
            GapSearch.Write(json, gaps);
            json.WriteString("next_cursor", cursor);
            json.WriteEndObject();
        }

        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }
}
