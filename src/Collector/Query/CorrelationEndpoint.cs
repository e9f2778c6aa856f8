using System.Text.Json;
using Collector.Model;
using Collector.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Collector.Query;

/// <summary><c>GET /api/correlations/{id}</c>: all rows of one request, oldest first, and what they say together.</summary>
internal sealed class CorrelationEndpoint(ILogReader reader, GapSearch missing, QueryGate gate, TimeProvider clock)
{
    public const string Prefix = "/api/correlations/";

    private const int MostRows = 20_000;
    private const int MostCharacters = 256;

    public async Task HandleAsync(HttpContext context)
    {
        var id = IdOf(context);
        var parameters = new ParameterReader(context.Request.Query, clock.GetUtcNow());
        parameters.RejectUnknown();
        var wrong = id.Length is < 1 or > MostCharacters
            ? Problem.BadParameter("id", id, $"1 to {MostCharacters} characters")
            : parameters.Problem;
        if (wrong is not null)
        {
            await wrong.WriteAsync(context);
            return;
        }

        using var rows = new RowJson();
        var summary = new CorrelationSummary(rows);
        var truncated = false;
        IReadOnlyList<Gap> gaps = [];
        var problem = await gate.RunAsync(
            token =>
            {
                truncated = reader.FindCorrelation(id, MostRows, summary, token);
                gaps = rows.Count == 0 ? [] : missing.Find(summary.Workers, summary.StartedNanos, summary.EndedNanos + 1, token);
            },
            context.RequestAborted);
        problem ??= rows.Count == 0
            ? new Problem(StatusCodes.Status404NotFound, "Unknown id", "No row has this correlation id or trace id.", "id")
            : null;
        await (problem?.WriteAsync(context) ?? WriteAsync(context, id, rows, summary, gaps, truncated));
    }

    // From the target as it was sent: the decoded path leaves %2F as it is and so can't tell it from %252F.
    private static string IdOf(HttpContext context)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var start = target.IndexOf(Prefix, StringComparison.OrdinalIgnoreCase) + Prefix.Length;
        var end = target.IndexOf('?', start);
        return Uri.UnescapeDataString(end < 0 ? target[start..] : target[start..end]);
    }

    private static async Task WriteAsync(
        HttpContext context, string id, RowJson rows, CorrelationSummary summary, IReadOnlyList<Gap> gaps, bool truncated)
    {
        context.Response.ContentType = "application/json";
        using (var json = new Utf8JsonWriter(context.Response.BodyWriter, RowJson.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteString("correlation_id", id);
            WriteNames(json, "trace_ids", summary.TraceIds);
            WriteNames(json, "workers", summary.Workers);
            json.WriteString("started_at", Timestamps.ToText(summary.StartedNanos));
            json.WriteString("ended_at", Timestamps.ToText(summary.EndedNanos));
            json.WriteNumber("wall_time_ms", (summary.EndedNanos - summary.StartedNanos) / 1_000_000.0);
            json.WriteNumber("error_count", summary.ErrorCount);
            json.WriteBoolean("truncated", truncated);
            json.WritePropertyName("logs");
            json.WriteRawValue(rows.Finish(), skipInputValidation: true);
            GapSearch.Write(json, gaps);
            json.WriteEndObject();
        }

        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    private static void WriteNames(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values.Order(StringComparer.Ordinal))
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }
}
