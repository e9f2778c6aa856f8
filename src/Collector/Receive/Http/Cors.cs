using Collector.Receive.Request;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Collector.Receive.Http;

/// <summary>
/// Cross-origin requests of browsers, by the framework's service. A page of an origin that is named may send with
/// credentials, as <c>navigator.sendBeacon</c> always does; where all origins are allowed, the others send without.
/// Source: fetch.spec.whatwg.org, CORS protocol.
/// </summary>
internal sealed class Cors
{
    private const string Everybody = "*";

    private static readonly TimeSpan _preflightsHold = TimeSpan.FromHours(2);

    // It would log a line for each request.
    private readonly CorsService _service = new(Options.Create(new CorsOptions()), NullLoggerFactory.Instance);
    private readonly CorsPolicy? _named;
    private readonly CorsPolicy? _others;

    public Cors(IngestOptions options)
    {
        string[] named = [.. options.CorsOrigins.Where(static origin => origin != Everybody)];
        if (named.Length > 0)
        {
            _named = PolicyOf(options)
                .WithOrigins(named).SetIsOriginAllowedToAllowWildcardSubdomains().AllowCredentials().Build();
        }

        if (named.Length < options.CorsOrigins.Count)
        {
            _others = PolicyOf(options).AllowAnyOrigin().Build();
        }
    }

    /// <summary>Adds the headers that a browser asks for; true where this was its preflight, which is then answered.</summary>
    public bool Answer(HttpContext context)
    {
        if (_named is null && _others is null)
        {
            return false;
        }

        // Also for who sends no origin, or one that is not allowed: a cache must not give this answer to others.
        context.Response.Headers.Append("Vary", "Origin");
        var headers = context.Request.Headers;
        if (headers.Origin is not [{ Length: > 0 } origin])
        {
            return false;
        }

        var isPreflight = HttpMethods.IsOptions(context.Request.Method) && headers.AccessControlRequestMethod.Count > 0;
        if ((_named?.IsOriginAllowed(origin) == true ? _named : _others) is { } policy)
        {
            _service.ApplyResult(_service.EvaluatePolicy(context, policy), context.Response);
        }

        if (isPreflight)
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }

        return isPreflight;
    }

    private static CorsPolicyBuilder PolicyOf(IngestOptions options)
    {
        var policy = new CorsPolicyBuilder().WithMethods(HttpMethods.Post).SetPreflightMaxAge(_preflightsHold)
            .WithExposedHeaders("Retry-After", DuplicateHeader.Name);
        return options.CorsHeaders.Contains(Everybody) ? policy.AllowAnyHeader() : policy.WithHeaders([.. options.CorsHeaders]);
    }
}
