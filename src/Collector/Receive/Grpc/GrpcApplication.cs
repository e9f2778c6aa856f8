using Google.Protobuf.Reflection;
using Grpc.AspNetCore.Server;
using Grpc.AspNetCore.Server.Model;
using Grpc.Health.V1;
using Grpc.Reflection;

namespace Collector.Receive.Grpc;

/// <summary>All that answers on the gRPC port: routing, the gate, our methods, health and reflection.</summary>
/// <param name="endpoint">Our methods.</param>
/// <param name="gate">Stands before them, and before health and reflection.</param>
/// <param name="streams">Has a place for each call that goes on.</param>
/// <param name="health">Says whether rows are taken.</param>
/// <param name="schemas">What reflection can describe; of all other services it lists the name.</param>
/// <param name="stopping">Cancelled when calls that would go on for ever are to end.</param>
internal sealed class GrpcApplication(
    GrpcEndpoint endpoint, GrpcGate gate, GrpcStreams streams, GrpcHealth health, IEnumerable<FileDescriptor> schemas, CancellationToken stopping)
{
    // Of health and reflection only, whose messages the library reads by itself: a name is the longest that they hold.
    private const int MaxMessageBytes = 16 * 1024;

    public void AddServices(IServiceCollection container)
    {
        container.AddGrpc(static options =>
        {
            options.MaxReceiveMessageSize = MaxMessageBytes;
            // The gate names the methods that there are.
            options.IgnoreUnknownServices = true;
        });
        container.AddSingleton(endpoint);
        container.AddSingleton<IServiceMethodProvider<GrpcEndpoint>>(endpoint);
        container.AddSingleton(health);
        container.AddGrpcReflection();
        // Instead of those that the library would make, which list only services with a descriptor.
        string[] services = [.. endpoint.Services, Health.Descriptor.FullName];
        var symbols = SymbolRegistry.FromFiles([.. schemas, Health.Descriptor.File]);
        container.AddSingleton(new ReflectionServiceImpl(services, symbols));
        container.AddSingleton(new ReflectionV1ServiceImpl(services, symbols));
    }

    public RequestDelegate Build(WebApplication app)
    {
        app.UseRouting();
        app.Use(gate.InvokeAsync);
        app.Use(streams.InvokeAsync);
        app.Use(EndAtStop);
        app.MapGrpcService<GrpcEndpoint>();
        app.MapGrpcService<GrpcHealth>().AllowAnonymous();
        app.MapGrpcReflectionService();
        app.UseEndpoints(static _ => { });
        return ((IApplicationBuilder)app).Build();
    }

    /// <summary>What is gRPC goes to one handler, and what is not to another.</summary>
    public static RequestDelegate Or(RequestDelegate other, RequestDelegate grpc) =>
        context => GrpcHeaders.IsGrpc(context.Request) ? grpc(context) : other(context);

    // The library's own methods don't know of a stop: a tool that keeps a reflection stream open would delay it. Our methods
    // and Watch end by themselves.
    private async Task EndAtStop(HttpContext context, RequestDelegate next)
    {
        var metadata = context.GetEndpoint()?.Metadata;
        if (metadata?.GetMetadata<IGrpcMethod>() is not null || metadata?.GetMetadata<GrpcMethodMetadata>()?.Method.Name == nameof(GrpcHealth.Watch))
        {
            await next(context);
            return;
        }

        await using (stopping.UnsafeRegister(static context => ((HttpContext)context!).Abort(), context))
        {
            await next(context);
        }
    }
}
