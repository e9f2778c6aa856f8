using System.Text.Json;
using Collector.Model;
using Collector.Storage;
using Microsoft.AspNetCore.Http.Features;

namespace Collector.Query;

/// <summary><c>GET /api/correlations/{id}</c>: all rows of one request, oldest first, and what they say together.</summary>
internal sealed class CorrelationEndpoint(ILogReader reader, GapSearch missing, QueryGate gate, TimeProvider clock)
{
    public const string Prefix = "/api/correlations/";

    private const int MaxRows = 20_000;
    private const int MaxCharacters = 256;

    public async Task HandleAsync(HttpContext context)
    {
        var id = IdOf(context);
        var parameters = new ParameterReader(context.Request.Query, clock.GetUtcNow());
        parameters.RejectUnknown();
        var wrong = id.Length is < 1 or > MaxCharacters
            ? Problem.BadParameter("id", id, $"1 to {MaxCharacters} characters")
            : parameters.Problem;
        if (wrong is not null)
        {
            await wrong.WriteAsync(context);
            return;
        }

        var problem = await AnswerAsync(context, id);
        await (problem?.WriteAsync(context) ?? Task.CompletedTask);
    }

    private async Task<Problem?> AnswerAsync(HttpContext context, string id)
    {
        var known = context.Request.Headers.IfNoneMatch;
        if (known.Count > 0)
        {
            // Whoever polls mostly knows the answer: to find that out, no row is written as JSON.
            using var glance = new Closure(id, rows: null);
            if (await gate.RunAsync(token => glance.Find(reader, missing, token), context.RequestAborted) is { } failed)
            {
                return failed;
            }

            if (glance.Summary.Count > 0 && known.Contains(glance.ETag))
            {
                context.Response.StatusCode = StatusCodes.Status304NotModified;
                context.Response.Headers.ETag = glance.ETag;
                return null;
            }
        }

        // The summary bounds it; escaping makes six bytes of one at most.
        using var rows = new RowJson(int.MaxValue);
        using var closure = new Closure(id, rows);
        if (await gate.RunAsync(token => closure.Find(reader, missing, token), context.RequestAborted) is { } problem)
        {
            return problem;
        }

        if (rows.Count == 0)
        {
            return new Problem(StatusCodes.Status404NotFound, "Unknown id", "No row has this correlation id or trace id.", "id");
        }

        context.Response.Headers.ETag = closure.ETag;
        // Kept by the browser, which asks each time whether it still holds.
        context.Response.Headers.CacheControl = "no-cache";
        await WriteAsync(context, id, rows, closure);
        return null;
    }

    // From the target as it was sent: the decoded path leaves %2F as it is and so can't tell it from %252F.
    private static string IdOf(HttpContext context)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var start = target.IndexOf(Prefix, StringComparison.OrdinalIgnoreCase) + Prefix.Length;
        var end = target.IndexOf('?', start);
        return Uri.UnescapeDataString(end < 0 ? target[start..] : target[start..end]);
    }

    private static async Task WriteAsync(HttpContext context, string id, RowJson rows, Closure closure)
    {
        var summary = closure.Summary;
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
            json.WriteBoolean("truncated", closure.Truncated);
            json.WritePropertyName("logs");
            json.WriteRawValue(rows.Finish(), skipInputValidation: true);
            GapSearch.Write(json, closure.Gaps);
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

    private sealed class Closure(string id, RowJson? rows) : IDisposable
    {
        public CorrelationSummary Summary { get; } = new(rows);

        public bool Truncated { get; private set; }

        public IReadOnlyList<Gap> Gaps { get; private set; } = [];

        public string ETag { get; private set; } = "";

        public void Find(ILogReader reader, GapSearch missing, CancellationToken cancellation)
        {
            Truncated = reader.FindCorrelation(id, MaxRows, Summary, cancellation);
            Gaps = Summary.Count == 0 ? [] : missing.Find(Summary.Workers, Summary.StartedNanos, Summary.EndedNanos + 1, cancellation);
            ETag = Summary.ETag(Truncated, Gaps);
        }

        public void Dispose() => Summary.Dispose();
    }
}
