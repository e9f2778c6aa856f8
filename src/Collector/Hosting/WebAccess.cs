using Collector.Access;
using Collector.Diagnostics;
using Collector.Pipeline.Ledger;
using Collector.Query;

namespace Collector.Hosting;

/// <summary>
/// Stands before the port of questions: whoever asks (1) may as anybody may, (2) has a key as programs have it, or (3) has
/// logged in. Others are sent to the login where a person looks at a page, and told what is missing where a program asks.
/// </summary>
/// <param name="reading">Who may read.</param>
/// <param name="keys">All keys.</param>
/// <param name="door">Counts those who are turned away.</param>
/// <param name="clock">The one source of time.</param>
internal sealed class WebAccess(AccessRule reading, KeyRing keys, DoorLedger door, TimeProvider clock)
{
    // Set by what passes requests on. One that does was set up by somebody who may not know that reading needs no key here.
    private static readonly string[] _forwarding =
        ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via"];

    // How long a stream of events may outlast its key.
    private static readonly TimeSpan _checkEvery = TimeSpan.FromSeconds(5);

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (IsForAll(context.Request.Path) || IsOpenTo(context.Request))
        {
            await next(context);
            return;
        }

        var (answer, until) = await CheckAsync(context);
        if (answer.IsGranted)
        {
            await (context.Request.Path.StartsWithSegments(LiveEndpoint.Path) ? WatchAsync(context, next, answer.Key!, until) : next(context));
            return;
        }

        await RefuseAsync(context, answer);
    }

    /// <summary>Whether the request may read already, so that there is nothing to log in for.</summary>
    public async Task<bool> MayReadAsync(HttpContext context) => IsOpenTo(context.Request) || (await CheckAsync(context)).Answer.IsGranted;

    private static bool IsForAll(PathString path) =>
        path.Value is "/healthz" or "/readyz" || LoginEndpoint.Owns(path) || DashboardEndpoint.IsAsset(path);

    private bool IsOpenTo(HttpRequest request) =>
        reading.IsOpen && !Array.Exists(_forwarding, name => request.Headers.ContainsKey(name));

    private async Task<(AccessAnswer Answer, DateTimeOffset Until)> CheckAsync(HttpContext context)
    {
        // 2.
        var authorization = context.Request.Headers.Authorization.ToString();
        if (authorization.Length > 0)
        {
            return (reading.CheckKey(authorization), DateTimeOffset.MaxValue);
        }

        // 3.
        return await Sessions.FindAsync(context) is { } session && keys.FindByHash(session.KeyHash) is { } key
            ? (reading.Check(key), session.Expires)
            : (reading.CheckKey(authorization: null), default);
    }

    // A stream of events goes on for hours; it ends with the key or the login that it began with. The page asks again, and
    // is answered as anybody is then.
    private async Task WatchAsync(HttpContext context, RequestDelegate next, AccessKey key, DateTimeOffset until)
    {
        await using var watch = clock.CreateTimer(
            _ =>
            {
                var now = clock.GetUtcNow();
                if (until <= now || keys.FindByHash(key.Hash)?.IsExpired(now) != false)
                {
                    context.Abort();
                }
            },
            null, _checkEvery, _checkEvery);
        await next(context);
    }

    private Task RefuseAsync(HttpContext context, in AccessAnswer answer)
    {
        var reason = answer.Verdict == AccessVerdict.Forbidden ? DoorReason.Forbidden : DoorReason.NoKey;
        if (DashboardEndpoint.IsPage(context.Request.Path))
        {
            // Where everybody begins who has not logged in yet: nothing that an operator must know.
            return LoginEndpoint.AskAsync(context);
        }

        door.TurnAway(reason, context.Connection.RemoteIpAddress, $"{context.Request.Method} {context.Request.Path}: {answer.Why}");
        if (reason == DoorReason.Forbidden)
        {
            return Problem.Forbidden(answer.Why!).WriteAsync(context);
        }

        context.Response.Headers.WWWAuthenticate = "Bearer";
        return Problem.Unauthenticated($"{answer.Why}, or log in at {LoginEndpoint.Path}").WriteAsync(context);
    }
}
