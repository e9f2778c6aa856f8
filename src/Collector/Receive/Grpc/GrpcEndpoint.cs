using Collector.Diagnostics;
using Collector.Pipeline.Ledger;
using Collector.Receive.Request;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;

namespace Collector.Receive.Grpc;

/// <summary>
/// Our methods on Grpc.AspNetCore, which owns routing, deadlines, status and trailers. For each call it (1) runs the
/// method, (2) writes its answer, and (3) counts how the call ended and says so in status and trailers.
/// </summary>
/// <remarks>
/// A unary method is registered as a duplex one; on the wire they are the same. Of a unary method the library reads the
/// message itself: whole, in memory that nobody counts (903 MB by 40 stalled clients, 1.1 GB by 8 gzip bombs, 2.7 GB by
/// 32 large messages), without a timer for senders that stall, with three times the CPU for gzip, and a refusal would
/// have to be thrown. Of a duplex method it reads nothing until it is asked, and nobody asks: <see cref="GrpcCall"/> reads
/// the request's pipe. The library then turns Kestrel's minimum rate off, so our reader has a timer of its own.
/// </remarks>
internal sealed partial class GrpcEndpoint(
    IReadOnlyList<IGrpcMethod> methods, BodyLimits limits, DoorLedger door, CollectorMetrics metrics, ILogger<GrpcEndpoint> log)
    : IServiceMethodProvider<GrpcEndpoint>
{
    // An answer goes out together with the status behind it.
    private static readonly WriteOptions _unflushed = new(WriteFlags.BufferHint);

    private static readonly Marshaller<byte[]> _bytes = new(
        static (message, context) => context.Complete(message),
        static context => throw new NotSupportedException("messages are read by GrpcCall"));

    private readonly ILogger<GrpcEndpoint> _log = log;

    /// <summary>The names of the services whose methods these are.</summary>
    public IEnumerable<string> Services => methods.Select(static method => method.Service).Distinct();

    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<GrpcEndpoint> context)
    {
        foreach (var method in methods)
        {
            context.AddDuplexStreamingMethod(
                new Method<byte[], byte[]>(MethodType.DuplexStreaming, method.Service, method.Name, _bytes, _bytes),
                [method],
                (endpoint, _, answers, call) => endpoint.CallAsync(method, answers, call));
        }
    }

    private async Task CallAsync(IGrpcMethod method, IServerStreamWriter<byte[]> answers, ServerCallContext call)
    {
        var context = call.GetHttpContext();
        ReceiveResult outcome;
        try
        {
            // 1.
            var answer = await method.InvokeAsync(new GrpcCall(context, answers, limits), call.CancellationToken);
            outcome = answer.Outcome;
            if (answer.Message is { } message)
            {
                // 2.
                DuplicateHeader.Set(context.Response, outcome);
                answers.WriteOptions = _unflushed;
                await answers.WriteAsync(message);
            }
        }
        catch (Exception error)
        {
            outcome = Failed(error, call, context);
        }

        // 3.
        metrics.RequestEnded(RequestTransport.Grpc, method.Signal, outcome.Label);
        door.Count(context, outcome);
        if (!outcome.IsOk)
        {
            call.Status = new Status(ReceiveStatusTable.Of(outcome.Status).Code, outcome.Message ?? "");
            call.ResponseTrailers.Add(GrpcHeaders.Details, StatusMessage.ToProto(outcome));
        }
    }

    private ReceiveResult Failed(Exception error, ServerCallContext call, HttpContext context)
    {
        var hasCallerLeft = context.RequestAborted.IsCancellationRequested;
        // The library ends a call at its deadline, whatever is being written; the writer then says that it is closed.
        var isClosed = error is InvalidOperationException
            && (hasCallerLeft || call.Deadline <= limits.Clock.GetUtcNow().UtcDateTime);
        var outcome = isClosed ? ReceiveResult.Over(hasCallerLeft) : ReceiveResult.Of(error, hasCallerLeft);
        if (outcome.Status == ReceiveStatus.Failed)
        {
            CallFailed(context.Request.Path, error);
        }

        return outcome;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The call {Path} failed")]
    private partial void CallFailed(string path, Exception error);
}
