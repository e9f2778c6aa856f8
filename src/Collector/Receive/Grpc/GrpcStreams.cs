using Collector.Diagnostics;
using Collector.Limits;
using Collector.Receive.Request;
using Grpc.AspNetCore.Server;
using Grpc.Core;

namespace Collector.Receive.Grpc;

/// <summary>
/// The places of streams: calls that go on until their caller ends them, silent or not, such as tail events, health watches
/// and reflection. A connection may hold thousands of them.
/// </summary>
internal sealed class GrpcStreams(Places places, CollectorMetrics metrics)
{
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var metadata = context.GetEndpoint()?.Metadata;
        var ours = metadata?.GetMetadata<IGrpcMethod>();
        // Ours that are one message and one answer are registered as duplex ones.
        var isStream = ours?.IsStream ?? metadata?.GetMetadata<GrpcMethodMetadata>()?.Method.Type is not (null or MethodType.Unary);
        if (!isStream)
        {
            await next(context);
            return;
        }

        using var place = places.TryTake(context.Connection.RemoteIpAddress, out var refusal);
        if (refusal is null)
        {
            await next(context);
            return;
        }

        var refused = ReceiveResult.Overloaded(refusal.Message);
        metrics.RequestEnded(RequestTransport.Grpc, ours?.Signal ?? RequestSignal.Unknown, refused.Label);
        GrpcGate.Answer(context.Response, refused);
    }
}
