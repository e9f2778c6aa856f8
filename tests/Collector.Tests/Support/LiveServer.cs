using System.Collections.Concurrent;
using System.Net;
using Collector.Storage.Folder;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Collector.Tests.Support;

/// <summary>
/// Answers each connection to <c>/api/live</c> by the next of the test's scripts: text of server-sent events, after which
/// the connection ends, or stays open and silent if the script says so.
/// </summary>
internal sealed class LiveServer : IAsyncDisposable
{
    /// <summary>At the end of a script: nothing more comes, and the connection stays.</summary>
    public const string Silence = ": silence\n\n";

    private readonly WebApplication _app;
    private readonly ConcurrentQueue<(int Status, string Text)> _scripts;

    private LiveServer(IEnumerable<(int Status, string Text)> scripts)
    {
        _scripts = new ConcurrentQueue<(int Status, string Text)>(scripts);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    public Uri Url => new(_app.Urls.First());

    /// <summary>Query string and Last-Event-ID of each connection, in order.</summary>
    public ConcurrentQueue<(string Query, string? LastId)> Connections { get; } = new();

    public static Task<LiveServer> StartAsync(params string[] scripts) => StartAsync(scripts.Select(static text => (200, text)));

    public static async Task<LiveServer> StartAsync(IEnumerable<(int Status, string Text)> scripts)
    {
        var server = new LiveServer(scripts);
        await server._app.StartAsync();
        return server;
    }

    public static string Log(string id, string message) =>
        $$"""event: log{{"\n"}}id: {{id}}{{"\n"}}data: {"log_level":"info","worker_name":"w","message":"{{message}}","timestamp":"2026-11-23T12:00:00.000000000Z","kind":"log"}{{"\n\n"}}""";

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        Connections.Enqueue((context.Request.QueryString.Value!, context.Request.Headers["Last-Event-ID"].FirstOrDefault()));
        var script = _scripts.TryDequeue(out var next) ? next : (Status: 200, Text: Silence);
        context.Response.StatusCode = script.Status;
        context.Response.ContentType = script.Status == 200 ? "text/event-stream" : "application/problem+json";
        await context.Response.WriteAsync(script.Text, context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
        if (script.Text.EndsWith(Silence, StringComparison.Ordinal))
        {
            var gone = new TaskCompletionSource();
            await using var registration = context.RequestAborted.Register(gone.SetResult);
            await gone.Task;
        }
    }
}
