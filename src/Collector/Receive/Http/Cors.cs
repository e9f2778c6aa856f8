namespace Collector.Receive.Http;

/// <summary>
/// Cross-origin requests of browsers, allowed for the configured origins only. Source: fetch.spec.whatwg.org,
/// CORS protocol.
/// </summary>
internal sealed class Cors(IReadOnlyList<string> origins)
{
    /// <summary>Adds the headers that a browser asks for; true where this was its preflight, which is then answered.</summary>
    public bool Answer(HttpContext context)
    {
        var origin = context.Request.Headers.Origin.ToString();
        if (origin.Length == 0 || !Allows(origin))
        {
            return false;
        }

        var headers = context.Response.Headers;
        headers.AccessControlAllowOrigin = origin;
        headers.Vary = "Origin";
        if (context.Request.Method != HttpMethods.Options)
        {
            return false;
        }

        headers.AccessControlAllowMethods = HttpMethods.Post;
        headers.AccessControlAllowHeaders = "content-type, content-encoding, authorization";
        headers.AccessControlMaxAge = "7200";
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return true;
    }

    private bool Allows(string origin) =>
        origins.Contains("*") || origins.Contains(origin, StringComparer.OrdinalIgnoreCase);
}
