using Collector.Diagnostics;
using Collector.Query;

namespace Collector.Hosting;

/// <summary>What every address of the API has in common: its methods, the measuring of its time, and the answer when it fails.</summary>
internal sealed partial class WebRoutes(
    IEndpointRouteBuilder routes, CollectorMetrics metrics, TimeProvider clock, ILogger<WebRoutes> log)
{
    private const string GetOrHead = "GET, HEAD";

    /// <summary>A question, whose time is measured under a name.</summary>
    public void Map(string path, string name, RequestDelegate handler) => routes.Map(path, async context =>
    {
        // The server leaves the body of an answer to HEAD away.
        if (!IsGetOrHead(context.Request))
        {
            await RefuseAsync(context);
            return;
        }

        // Failures are measured too.
        var since = clock.GetTimestamp();
        try
        {
            await handler(context);
        }
        catch (Exception error) when (!context.RequestAborted.IsCancellationRequested && error is not BadHttpRequestException)
        {
            LogFailed(log, error, name);
            await FailAsync(context);
        }
        finally
        {
            metrics.QueryEnded(clock.GetElapsedTime(since), name);
        }
    });

    /// <summary>A file, which is at hand.</summary>
    public void MapFile(string path, RequestDelegate handler) =>
        routes.Map(path, context => IsGetOrHead(context.Request) ? handler(context) : RefuseAsync(context));

    /// <summary>A probe of health: a line of text with 200, or with 503 and the reason.</summary>
    public void MapProbe(string path, Func<string?> whyNot, string well) => routes.Map(path, async context =>
    {
        if (!IsGetOrHead(context.Request))
        {
            await RefuseAsync(context);
            return;
        }

        var reason = whyNot();
        context.Response.StatusCode = reason is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.WriteAsync(reason is null ? well : reason + "\n");
    });

    private static bool IsGetOrHead(HttpRequest request) => HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);

    private static Task RefuseAsync(HttpContext context)
    {
        context.Response.Headers.Allow = GetOrHead;
        return Problem.WrongMethod(context.Request.Method, GetOrHead).WriteAsync(context);
    }

    // After a part of the answer, a problem would look like the rest of it.
    private static Task FailAsync(HttpContext context)
    {
        if (!context.Response.HasStarted && context.Response.BodyWriter is { CanGetUnflushedBytes: true, UnflushedBytes: 0 })
        {
            return Problem.Failed().WriteAsync(context);
        }

        context.Abort();
        return Task.CompletedTask;
    }

    [LoggerMessage(LogLevel.Error, "A question failed: {Name}")]
    private static partial void LogFailed(ILogger log, Exception error, string name);
}
