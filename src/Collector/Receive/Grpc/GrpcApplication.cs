using Collector.Diagnostics;
using Collector.Receive.Request;
using Google.Protobuf.Reflection;
using Grpc.AspNetCore.Server.Model;
using Grpc.Health.V1;
using Grpc.Reflection;

namespace Collector.Receive.Grpc;

/// <summary>All that answers on the gRPC port: routing, the gate, our methods, health and reflection.</summary>
internal sealed class GrpcApplication
{
    // Of health and reflection only, whose messages the library reads by itself: a name is the longest that they hold.
    private const int MaxMessageBytes = 16 * 1024;

    private readonly GrpcEndpoint _endpoint;
    private readonly GrpcGate _gate;
    private readonly GrpcHealth _health;
    private readonly string[] _services;
    private readonly FileDescriptor[] _described;

    /// <param name="methods">What is served.</param>
    /// <param name="described">Schemas of services that reflection describes; of all others it lists the name.</param>
    /// <param name="keys">Who may call them.</param>
    /// <param name="limits">Of their messages.</param>
    /// <param name="whyNotReady">Null where rows are taken.</param>
    /// <param name="metrics">Counts calls.</param>
    /// <param name="logs">Collector's own log.</param>
    /// <param name="stopping">Cancelled when calls that last are to end.</param>
    public GrpcApplication(
        IReadOnlyList<IGrpcMethod> methods, IEnumerable<FileDescriptor> described, IngestKeys keys, BodyLimits limits,
        Func<string?> whyNotReady, CollectorMetrics metrics, ILoggerFactory logs, CancellationToken stopping)
    {
        string[] served = [.. methods.Select(static method => method.Service).Distinct()];
        _services = [.. served, Health.Descriptor.FullName];
        _described = [.. described, Health.Descriptor.File];
        _endpoint = new GrpcEndpoint(methods, limits, metrics, logs.CreateLogger<GrpcEndpoint>());
        _gate = new GrpcGate(methods, keys, metrics);
        _health = new GrpcHealth(whyNotReady, served, limits.Clock, stopping);
    }

    public void AddServices(IServiceCollection container)
    {
        container.AddGrpc(static options =>
        {
            options.MaxReceiveMessageSize = MaxMessageBytes;
            // The gate names the methods that there are.
            options.IgnoreUnknownServices = true;
        });
        container.AddSingleton(_endpoint);
        container.AddSingleton<IServiceMethodProvider<GrpcEndpoint>>(_endpoint);
        container.AddSingleton(_health);
        container.AddGrpcReflection();
        // Instead of those that the library would make, which list only what has a descriptor.
        var symbols = SymbolRegistry.FromFiles(_described);
        container.AddSingleton(new ReflectionServiceImpl(_services, symbols));
        container.AddSingleton(new ReflectionV1ServiceImpl(_services, symbols));
    }

    public RequestDelegate Build(WebApplication app)
    {
        app.UseRouting();
        app.Use(_gate.InvokeAsync);
        app.MapGrpcService<GrpcEndpoint>();
        app.MapGrpcService<GrpcHealth>().AllowAnonymous();
        app.MapGrpcReflectionService();
        app.UseEndpoints(static _ => { });
        return ((IApplicationBuilder)app).Build();
    }
}
