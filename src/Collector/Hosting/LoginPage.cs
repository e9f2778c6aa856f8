using System.Text.Encodings.Web;

namespace Collector.Hosting;

/// <summary>The pages of login and sign-out, which run nothing.</summary>
internal static class LoginPage
{
    private const string Policy =
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    private const string Style = """
        :root { color-scheme: light dark; --back: #f6f7f9; --card: #fff; --text: #1b1f24; --quiet: #57606a; --edge: #d0d7de; --act: #0b62c4; --bad: #b3261e; }
        @media (prefers-color-scheme: dark) {
          :root { --back: #0f1318; --card: #171c23; --text: #e6e9ed; --quiet: #9aa4af; --edge: #333c47; --act: #5aa2f5; --bad: #ff8a80; }
        }
        * { box-sizing: border-box; }
        body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--back); color: var(--text);
          font: 15px/1.5 system-ui, sans-serif; }
        main { width: min(26rem, calc(100vw - 2rem)); padding: 1.75rem; background: var(--card); border: 1px solid var(--edge); border-radius: 10px; }
        h1 { margin: 0 0 1rem; font-size: 1.25rem; }
        label { display: block; margin-bottom: .35rem; font-weight: 600; }
        input { width: 100%; padding: .55rem .7rem; font: inherit; color: inherit; background: var(--back); border: 1px solid var(--edge); border-radius: 6px; }
        button { margin-top: 1rem; width: 100%; padding: .6rem; font: inherit; font-weight: 600; color: var(--card); background: var(--act); border: 0;
          border-radius: 6px; cursor: pointer; }
        input:focus-visible, button:focus-visible, a:focus-visible { outline: 2px solid var(--act); outline-offset: 2px; }
        a { color: var(--act); }
        code { font-size: .92em; }
        .bad { margin: 0 0 1rem; color: var(--bad); }
        .quiet { margin: 1rem 0 0; color: var(--quiet); font-size: .9rem; }
        """;

    /// <param name="context">Of the request.</param>
    /// <param name="back">Where the login leads.</param>
    /// <param name="problem">Why the last try failed; null for the first.</param>
    public static Task WriteAsync(HttpContext context, string back, string? problem) => WritePageAsync(context, "Log in", $"""
        <h1>Collector</h1>
        {(problem is null ? "" : $"<p class=\"bad\" role=\"alert\">{Text(problem)}</p>")}
        <form method="post" action="{Text(context.Request.PathBase + LoginEndpoint.Path)}">
        <input type="hidden" name="return" value="{Text(back)}">
        <label for="key">Key</label>
        <input id="key" name="key" type="password" autocomplete="current-password" required autofocus maxlength="512">
        <button>Log in</button>
        </form>
        <p class="quiet">A key with the right to read. Whoever runs this Collector makes one with <code>collector keys new</code>.</p>
        """);

    public static Task WriteSignOutAsync(HttpContext context, string action) => WritePageAsync(context, "Sign out", $"""
        <h1>Collector</h1>
        <form method="post" action="{Text(context.Request.PathBase + action)}">
        <button>Sign out</button>
        </form>
        <p class="quiet"><a href="{Text(context.Request.PathBase + "/")}">Back to the dashboard</a></p>
        """);

    /// <summary>Goes on by itself.</summary>
    public static Task WriteWayAsync(HttpContext context, string to) => WritePageAsync(
        context, "Log in", $"""<h1>Collector</h1><p><a href="{Text(to)}">Log in</a></p>""", $"""<meta http-equiv="refresh" content="0;url={Text(to)}">""");

    public static Task WriteStyleAsync(HttpContext context)
    {
        context.Response.ContentType = "text/css; charset=utf-8";
        context.Response.Headers.CacheControl = "no-cache";
        return context.Response.WriteAsync(Style, context.RequestAborted);
    }

    private static Task WritePageAsync(HttpContext context, string title, string body, string head = "")
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XFrameOptions = "DENY";
        // Without any, a browser says of its own form that it comes from nowhere.
        headers["Referrer-Policy"] = "same-origin";
        context.Response.ContentType = "text/html; charset=utf-8";
        return context.Response.WriteAsync(
            $"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{title} · Collector</title>
            <link rel="icon" href="{Text(context.Request.PathBase + "/icon.svg")}">
            <link rel="stylesheet" href="{Text(context.Request.PathBase + "/login.css")}">
            {head}
            </head>
            <body>
            <main>
            {body}
            </main>
            </body>
            </html>

            """,
            context.RequestAborted);
    }

    private static string Text(string text) => HtmlEncoder.Default.Encode(text);
}
