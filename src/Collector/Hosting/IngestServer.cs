using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Abstractions;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Collector.Hosting;

/// <summary>
/// One port for producers: Kestrel without the web host around it, since every layer would be paid for by every record
/// (a log scope and an activity a request). Servers of their own, so that they can stop before the pipeline does.
/// </summary>
internal sealed class IngestServer : IAsyncDisposable
{
    // A thousand streams of events of one connection, and others; each costs some kilobytes while it is idle.
    private const int MaxStreams = 2000;

    private readonly WebApplication _host;
    private readonly IServer _server;
    private readonly Application _application;
    private readonly Http2Connections _http2 = new();
    private Microsoft.AspNetCore.Server.Kestrel.Core.ListenOptions? _listen;

    /// <param name="endpoint">Address and port; port 0 takes a free one.</param>
    /// <param name="usual">What is spoken there as a rule; both protocols of HTTP are.</param>
    /// <param name="places">Those of connections.</param>
    /// <param name="tls">Stands before it, where it is set up.</param>
    /// <param name="logs">Collector's own log.</param>
    /// <param name="addServices">Adds what the handler needs of the container.</param>
    /// <param name="createHandler">Makes what answers every request.</param>
    public IngestServer(
        IPEndPoint endpoint, HttpProtocols usual, ListenerPlaces places, Tls tls, ILoggerFactory logs, Action<IServiceCollection> addServices,
        Func<WebApplication, RequestDelegate> createHandler)
    {
        // Only for its parts: a Kestrel that is made by hand rents its buffers from the shared array pool, which keeps
        // too few of them for requests side by side and allocated 48 bytes a record.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(logs);
        addServices(builder.Services);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options => Configure(options, endpoint, usual, tls, places.Clock));
        places.AddTo(builder.Services);
        // The last one is asked first.
        builder.Services.AddSingleton<IConnectionListenerFactory>(_http2);
        _host = builder.Build();
        _server = _host.Services.GetRequiredService<IServer>();
        _application = new Application(createHandler(_host), _host.Services);
    }

    /// <summary>The address in use, once started.</summary>
    public IPEndPoint Address => _listen!.IPEndPoint!;

    public Task StartAsync(CancellationToken cancellation) => _server.StartAsync(_application, cancellation);

    /// <summary>Accepts nothing more and lets requests in flight finish; cuts them off when the token is cancelled.</summary>
    public Task StopAsync(CancellationToken cancellation) => _server.StopAsync(cancellation);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    private void Configure(KestrelServerOptions options, IPEndPoint endpoint, HttpProtocols usual, Tls tls, TimeProvider clock)
    {
        options.AddServerHeader = false;
        // Ours are counted in memory held and say what was too large; see BodyReader.
        options.Limits.MaxRequestBodySize = null;
        // A stream of tail events may be silent for an hour; a body that stalls is timed out by BodyReader.
        options.Limits.MinRequestBodyDataRate = null;
        // A producer need not read what it is told either: acknowledgements don't pile up, and the pipe to it is bounded.
        options.Limits.MinResponseDataRate = null;
        options.Limits.Http2.MaxStreamsPerConnection = MaxStreams;
        // But a producer that is gone without closing its connection must not leave its streams behind.
        options.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromMinutes(1);
        // A proxy that ended TLS (Envoy, and what is built on it) passes on what the scheme was.
        options.AllowAlternateSchemes = true;
        options.Listen(endpoint, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            tls.AddTo(listen, asksProducers: true);
            listen.AnswerRefused(usual, clock);
            listen.Use(next => connection => HandleAsync(connection, next, tls, clock));
            _listen = listen;
        });
        options.Listen(_http2.EndPoint, static listen => listen.Protocols = HttpProtocols.Http2);
    }

    private async Task HandleAsync(ConnectionContext connection, ConnectionDelegate http1, Tls tls, TimeProvider clock)
    {
        switch (await Preface.ReadAsync(connection, clock))
        {
            case Spoken.Http1:
                await http1(connection);
                break;
            case Spoken.Http2:
                await _http2.HandAsync(connection);
                break;
            case Spoken.Tls:
                tls.TurnAway(connection);
                break;
        }
    }

    /// <summary>Reuses a connection's context from request to request.</summary>
    private sealed class Application(RequestDelegate handler, IServiceProvider services) : IHttpApplication<DefaultHttpContext>
    {
        // Everything in the container is a singleton, so no request needs a scope of its own.
        private readonly ServiceProvidersFeature _services = new() { RequestServices = services };

        public DefaultHttpContext CreateContext(IFeatureCollection contextFeatures)
        {
            contextFeatures.Set<IServiceProvidersFeature>(_services);
            var reusable = contextFeatures as IHostContextContainer<DefaultHttpContext>;
            if (reusable?.HostContext is { } context)
            {
                context.Initialize(contextFeatures);
                return context;
            }

            context = new DefaultHttpContext(contextFeatures);
            if (reusable is not null)
            {
                reusable.HostContext = context;
            }

            return context;
        }

        public Task ProcessRequestAsync(DefaultHttpContext context) => handler(context);

        public void DisposeContext(DefaultHttpContext context, Exception? exception) => context.Uninitialize();
    }
}
