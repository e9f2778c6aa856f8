namespace Collector.Query;

/// <summary>
/// <c>GET /openapi/v1.json</c>: what can be asked here and what is answered. Written by hand, as <c>schema/openapi</c> in
/// the checkout; tests hold it against the parameters that are read and the answers that are given.
/// </summary>
internal static class OpenApiEndpoint
{
    public const string Resource = "schema/openapi/v1.json";

    public static async Task HandleAsync(HttpContext context)
    {
        await using var document = typeof(OpenApiEndpoint).Assembly.GetManifestResourceStream(Resource)!;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = document.Length;
        await document.CopyToAsync(context.Response.Body, context.RequestAborted);
    }
}
