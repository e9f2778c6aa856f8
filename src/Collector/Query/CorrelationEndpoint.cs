using Collector.Model;
using Collector.Storage;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Collector.Query;

/// <summary><c>GET /api/correlations/{id}</c>: all rows of one request, oldest first, and what they say together.</summary>
internal sealed class CorrelationEndpoint(ILogReader reader, GapSearch missing, QueryGate gate, TimeProvider clock)
{
    public const string Path = "/api/correlations";

    private const int PartsOfPath = 2;
    private const int MaxRows = 20_000;
    private const int MaxCharacters = 256;

    public RequestDelegate Create() => ApiEndpoint.Create(clock, static read => read.PathEnd("id", PartsOfPath, MaxCharacters)!, AnswerAsync);

    private async Task AnswerAsync(HttpContext context, string id)
    {
        var problem = await TryAnswerAsync(context, id);
        await (problem?.WriteAsync(context) ?? Task.CompletedTask);
    }

    private async Task<Problem?> TryAnswerAsync(HttpContext context, string id)
    {
        if (KnownAnswers.AreNamed(context.Request))
        {
            // A caller that polls mostly knows the answer: to find that out, no row is written as JSON.
            using var glance = new Closure(id, rows: null);
            if (await gate.RunAsync(token => glance.Find(reader, missing, token), context) is { } failed)
            {
                return failed;
            }

            if (glance.Summary.Count > 0 && KnownAnswers.Hold(context.Request, glance.ETag))
            {
                context.Response.StatusCode = StatusCodes.Status304NotModified;
                context.Response.GetTypedHeaders().ETag = glance.ETag;
                // As the whole answer has them: a browser updates what it keeps by these.
                context.Response.Headers.CacheControl = "no-cache";
                context.Response.Headers.Vary = "Accept-Encoding";
                return null;
            }
        }

        // The summary bounds it; escaping makes six bytes of one at most.
        using var rows = new RowJson(int.MaxValue);
        using var closure = new Closure(id, rows);
        if (await gate.RunAsync(token => closure.Find(reader, missing, token), context) is { } problem)
        {
            return problem;
        }

        if (rows.Count == 0)
        {
            return Problem.NoSuchId();
        }

        using var held = gate.Hold(context, rows.Bytes, out var unread);
        if (unread is not null)
        {
            return unread;
        }

        context.Response.GetTypedHeaders().ETag = closure.ETag;
        // The browser keeps it, and asks each time whether it still holds.
        context.Response.Headers.CacheControl = "no-cache";
        await ApiJson.WriteAsync(context, closure.ToResponse(rows));
        return null;
    }

    private sealed class Closure(string id, RowJson? rows) : IDisposable
    {
        private IReadOnlyList<Gap> _gaps = [];
        private bool _isTruncated;

        public CorrelationSummary Summary { get; } = new(rows);

        public EntityTagHeaderValue ETag { get; private set; } = EntityTagHeaderValue.Any;

        public void Find(ILogReader reader, GapSearch missing, CancellationToken cancellation)
        {
            _isTruncated = reader.FindCorrelation(id, MaxRows, Summary, cancellation);
            _gaps = Summary.Count == 0 ? [] : missing.Find(Summary.Workers, Summary.StartedNanos, Summary.EndedNanos + 1, cancellation);
            // Weak: the same tag names the answer plain and compressed.
            ETag = new EntityTagHeaderValue(Summary.ETag(_isTruncated, _gaps), isWeak: true);
        }

        public CorrelationResponse ToResponse(RowJson written) => new(
            id, Summary.TraceIds.Order(StringComparer.Ordinal), Summary.Workers.Order(StringComparer.Ordinal),
            Timestamps.ToText(Summary.StartedNanos), Timestamps.ToText(Summary.EndedNanos),
            (Summary.EndedNanos - Summary.StartedNanos) / 1_000_000.0, Summary.ErrorCount, _isTruncated, written.Finish(),
            GapResponse.Of(_gaps));

        public void Dispose() => Summary.Dispose();
    }
}

internal sealed record CorrelationResponse(
    string CorrelationId, IEnumerable<string> TraceIds, IEnumerable<string> Workers, string StartedAt, string EndedAt, double WallTimeMs,
    int ErrorCount, bool Truncated, RawJson Logs,
    IReadOnlyList<GapResponse> Gaps);
