using System.Collections.Frozen;
using Collector.Query;
using Microsoft.Net.Http.Headers;

namespace Collector.Hosting;

/// <summary>Serves the dashboard's files, which are part of the executable.</summary>
internal static class DashboardEndpoint
{
    // Only this server's own files run, and no other page frames them: markup in a log line can't run in the page.
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

    private const string Index = "/index.html";

    private static readonly FrozenDictionary<string, DashboardFile> _files = DashboardFile.ReadAll(typeof(DashboardEndpoint).Assembly);

    // The page routes by itself; each of its addresses can be opened directly.
    private static readonly string[] _pages = ["/", "/logs", "/correlation", "/health"];

    /// <summary>Whether a person is to look at it, as opposed to a page or a program.</summary>
    public static bool IsPage(PathString path) => _pages.Contains(path.Value?.TrimEnd('/') is { Length: > 0 } page ? page : "/", StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether it is a part of the pages that is the same everywhere and tells nothing.</summary>
    public static bool IsAsset(PathString path) => path.Value is { } file && file != Index && _files.ContainsKey(file);

    public static void Map(WebRoutes routes)
    {
        foreach (var page in _pages)
        {
            routes.MapFile(page, WritePageAsync);
        }

        foreach (var (path, file) in _files.Where(static pair => pair.Key != Index))
        {
            routes.MapFile(path, context => WriteAsync(context, file));
        }
    }

    private static Task WritePageAsync(HttpContext context)
    {
        if (_files.TryGetValue(Index, out var page))
        {
            return WriteAsync(context, page);
        }

        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(
            "Collector runs, but this executable was built without its dashboard, since Node.js was not found.\n"
            + "Install Node.js 20.19 or later and build again. The API answers meanwhile: /api/logs, /api/status, /api/ledger.\n");
    }

    private static Task WriteAsync(HttpContext context, DashboardFile file)
    {
        var (request, headers) = (context.Request, context.Response.Headers);
        headers.ContentSecurityPolicy = Policy;
        headers.XFrameOptions = "DENY";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.CacheControl = file.IsNamedByContent ? "public, max-age=31536000, immutable" : "no-cache";
        headers.Vary = "Accept-Encoding";
        headers.ETag = file.Tag;
        if (KnownAnswers.AreNamed(request) && KnownAnswers.Hold(request, new EntityTagHeaderValue(file.Tag)))
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        var body = Choose(request, file, headers);
        context.Response.ContentType = file.ContentType;
        context.Response.ContentLength = body.Length;
        return HttpMethods.IsHead(request.Method) ? Task.CompletedTask : context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }

    private static byte[] Choose(HttpRequest request, DashboardFile file, IHeaderDictionary headers)
    {
        foreach (var (name, bytes) in new[] { ("br", file.Brotli), ("gzip", file.Gzip) })
        {
            if (bytes.Length < file.Plain.Length && Accepts(request, name))
            {
                headers.ContentEncoding = name;
                return bytes;
            }
        }

        return file.Plain;
    }

    private static bool Accepts(HttpRequest request, string coding) =>
        request.GetTypedHeaders().AcceptEncoding.Any(one => one.Value.Equals(coding, StringComparison.OrdinalIgnoreCase) && one.Quality != 0);
}
