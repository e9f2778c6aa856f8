using System.Net;
using System.Threading.RateLimiting;
using Collector.Access;
using Collector.Pipeline.Ledger;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Collector.Hosting;

/// <summary>
/// Login and sign-out of the dashboard, as forms that work without JavaScript. That a form of another site can't be sent here
/// is <see cref="CrossSite"/>'s work.
/// </summary>
/// <param name="reading">Who may read.</param>
/// <param name="access">Knows who is logged in already.</param>
/// <param name="door">Counts those who are turned away.</param>
internal sealed class LoginEndpoint(AccessRule reading, WebAccess access, DoorLedger door) : IDisposable
{
    public const string Path = "/login";

    private const string SignOutPath = "/logout";
    private const string StylePath = "/login.css";
    private const string KeyField = "key";
    private const string ReturnField = "return";
    private const int MaxFormBytes = 16 * 1024;

    // Of one address. A key that was made here can't be guessed; a short one of Ingest:Keys may not read.
    private const int TriesPerMinute = 10;

    private readonly PartitionedRateLimiter<IPAddress> _tries = PartitionedRateLimiter.Create<IPAddress, IPAddress>(
        static address => RateLimitPartition.GetFixedWindowLimiter(address, static _ => new FixedWindowRateLimiterOptions
        {
            PermitLimit = TriesPerMinute,
            Window = TimeSpan.FromMinutes(1),
            AutoReplenishment = true,
        }));

    /// <summary>Whether a path is one of these.</summary>
    public static bool Owns(PathString path) => path.Value is Path or SignOutPath or StylePath;

    /// <summary>Whether a person is to look at it.</summary>
    public static bool IsPage(PathString path) => path.Value is Path or SignOutPath;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapMethods(Path, [HttpMethods.Get, HttpMethods.Head], ShowAsync);
        routes.MapPost(Path, LogInAsync);
        routes.MapMethods(SignOutPath, [HttpMethods.Get, HttpMethods.Head], static context => LoginPage.WriteSignOutAsync(context, SignOutPath));
        routes.MapPost(SignOutPath, SignOutAsync);
        routes.MapMethods(StylePath, [HttpMethods.Get, HttpMethods.Head], LoginPage.WriteStyleAsync);
    }

    /// <summary>
    /// Sends a browser to the login, which brings it back. By the page and not by a redirect: a browser that follows a link
    /// from elsewhere holds a strict cookie back until a page of ours is what asks.
    /// </summary>
    public static Task AskAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        var here = context.Request.PathBase + context.Request.Path + context.Request.QueryString;
        return LoginPage.WriteWayAsync(context, $"{context.Request.PathBase}{Path}?{ReturnField}={Uri.EscapeDataString(here)}");
    }

    public void Dispose() => _tries.Dispose();

    private async Task ShowAsync(HttpContext context)
    {
        var back = Local(context, context.Request.Query[ReturnField]);
        if (await access.MayReadAsync(context))
        {
            context.Response.Redirect(back);
            return;
        }

        await LoginPage.WriteAsync(context, back, problem: null);
    }

    private async Task LogInAsync(HttpContext context)
    {
        var address = context.Connection.RemoteIpAddress ?? IPAddress.None;
        using var attempt = _tries.AttemptAcquire(address);
        if (!attempt.IsAcquired)
        {
            context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
            context.Response.Headers.RetryAfter = "60";
            door.TurnAway(DoorReason.NoKey, address, "too many logins a minute");
            await LoginPage.WriteAsync(context, "/", $"More than {TriesPerMinute} tries in a minute came from your address. Wait a minute.");
            return;
        }

        if (await ReadFormAsync(context) is not { } form)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            await LoginPage.WriteAsync(context, "/", "This was not the form of this page.");
            return;
        }

        var back = Local(context, form[ReturnField]);
        var answer = reading.CheckSecret(form[KeyField].ToString().AsSpan().Trim());
        if (!answer.IsGranted)
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            door.TurnAway(answer.Verdict == AccessVerdict.Forbidden ? DoorReason.Forbidden : DoorReason.NoKey, address, $"login: {answer.Why}");
            await LoginPage.WriteAsync(context, back, $"You are not logged in: {answer.Why}.");
            return;
        }

        await Sessions.BeginAsync(context, answer.Key!);
        SeeOther(context, back);
    }

    private static async Task SignOutAsync(HttpContext context)
    {
        await Sessions.EndAsync(context);
        SeeOther(context, context.Request.PathBase + Path);
    }

    private static async Task<IFormCollection?> ReadFormAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = MaxFormBytes;
        }

        try
        {
            return context.Request.HasFormContentType ? await context.Request.ReadFormAsync(context.RequestAborted) : null;
        }
        catch (Exception error) when (error is InvalidDataException or BadHttpRequestException)
        {
            return null;
        }
    }

    // Only to a page of ours: an address of elsewhere would lead somebody who has just logged in to a copy of this page.
    private static string Local(HttpContext context, string? to) =>
        !string.IsNullOrEmpty(to) && to[0] == '/' && RedirectHttpResult.IsLocalUrl(to) ? to : context.Request.PathBase + "/";

    private static void SeeOther(HttpContext context, string to)
    {
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = to;
    }
}
