using System.Security.Claims;
using Collector.Access;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;

namespace Collector.Hosting;

/// <summary>
/// Logins of people in a browser: an encrypted cookie that names the hash of the key they came with. It is worth what that
/// key is worth: where the key is taken back or expires, so does the login.
/// </summary>
/// <remarks>
/// Nothing is kept here, so a cookie that somebody else planted before the login opens nothing: it is replaced. Strict, so
/// that no other site's page asks with it.
/// </remarks>
internal static class Sessions
{
    private const string Scheme = "session";
    private const string KeyClaim = "key";

    /// <param name="services">Of the port of questions.</param>
    /// <param name="age">How long a login lasts without being used.</param>
    /// <param name="folder">Keeps what the cookies are encrypted with, so that a restart logs nobody out.</param>
    /// <param name="clock">The one source of time.</param>
    public static void Add(IServiceCollection services, TimeSpan age, string folder, TimeProvider clock)
    {
        // Made when the first browser comes that must log in: the usual services make it at every start.
        services.AddSingleton(_ => DataProtectionProvider.Create(
            new DirectoryInfo(folder), static protection => protection.SetApplicationName("collector")));
        services.AddSingleton(clock);
        services.AddAuthenticationCore();
        services.AddWebEncoders();
        new AuthenticationBuilder(services).AddCookie(Scheme, options =>
        {
            options.TimeProvider = clock;
            options.ExpireTimeSpan = age;
            options.SlidingExpiration = true;
            options.Cookie.Name = "collector_session";
            options.Cookie.HttpOnly = true;
            options.Cookie.SameSite = SameSiteMode.Strict;
            options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        });
    }

    /// <summary>Logs in with a key that may read.</summary>
    public static Task BeginAsync(HttpContext context, AccessKey key)
    {
        var identity = new ClaimsIdentity([new Claim(KeyClaim, Convert.ToHexString(key.Hash))], Scheme);
        return context.SignInAsync(Scheme, new ClaimsPrincipal(identity), new AuthenticationProperties { IsPersistent = true });
    }

    public static Task EndAsync(HttpContext context) => context.SignOutAsync(Scheme);

    /// <summary>The hash of the key that a browser is logged in with, and until when; null where it is not.</summary>
    public static async Task<Session?> FindAsync(HttpContext context)
    {
        var found = await context.AuthenticateAsync(Scheme);
        return found.Principal?.FindFirst(KeyClaim)?.Value is { } hash
            ? new Session(Convert.FromHexString(hash), found.Properties?.ExpiresUtc ?? DateTimeOffset.MaxValue)
            : null;
    }
}

/// <param name="KeyHash">Of the key that was given at the login.</param>
/// <param name="Expires">When it ends unless it is used.</param>
internal sealed record Session(byte[] KeyHash, DateTimeOffset Expires);
