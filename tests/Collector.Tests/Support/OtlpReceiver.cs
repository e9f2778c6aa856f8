using System.Net;
using System.Threading.Channels;
using Collector.Storage.Folder;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Collector.Tests.Support;

/// <summary>Somebody else's collector: takes every POST and keeps it.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Channel<(string Path, string? ContentType, byte[] Body)> _received =
        Channel.CreateUnbounded<(string Path, string? ContentType, byte[] Body)>();

    private OtlpReceiver(HttpProtocols protocols)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = protocols));
        _app = builder.Build();
        _app.Run(TakeAsync);
    }

    public Uri Url => new(_app.Urls.First());

    public static async Task<OtlpReceiver> StartAsync(HttpProtocols protocols)
    {
        var receiver = new OtlpReceiver(protocols);
        await receiver._app.StartAsync();
        return receiver;
    }

    /// <summary>What came first; false where nothing has come.</summary>
    public bool TryTake(out (string Path, string? ContentType, byte[] Body) received) => _received.Reader.TryRead(out received);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        _received.Writer.TryWrite((context.Request.Path.Value!, context.Request.ContentType, body.ToArray()));
        context.Response.ContentType = context.Request.ContentType;
        if (context.Request.ContentType == "application/grpc")
        {
            context.Response.AppendTrailer("grpc-status", "0");
            await context.Response.Body.WriteAsync(Wire.Frame([]));
        }
    }
}
