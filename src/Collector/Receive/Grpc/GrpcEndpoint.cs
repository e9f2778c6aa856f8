using Collector.Diagnostics;
using Collector.Receive.Request;

namespace Collector.Receive.Grpc;

/// <summary>
/// gRPC over Kestrel's HTTP/2. For each call it (1) checks that this is gRPC at all, (2) finds the method, (3) checks the
/// key, (4) runs the method under the caller's deadline, and (5) answers: a message and trailers, or, where there is no
/// message, the status alone. Messages of a streaming method were sent before.
/// </summary>
internal sealed partial class GrpcEndpoint
{
    private readonly Dictionary<string, IGrpcMethod> _methods;
    private readonly IngestKeys _keys;
    private readonly BodyLimits _limits;
    private readonly CollectorMetrics _metrics;
    private readonly ILogger<GrpcEndpoint> _log;

    public GrpcEndpoint(
        IEnumerable<IGrpcMethod> methods, IngestKeys keys, BodyLimits limits, CollectorMetrics metrics, ILogger<GrpcEndpoint> log)
    {
        _methods = methods.ToDictionary(method => method.Path, StringComparer.Ordinal);
        _keys = keys;
        _limits = limits;
        _metrics = metrics;
        _log = log;
    }

    public async Task HandleAsync(HttpContext context)
    {
        // 1. gRPC at all? Others get plain HTTP, which is all they would understand.
        if (!IsGrpc(context))
        {
            var isPost = context.Response.StatusCode != StatusCodes.Status405MethodNotAllowed;
            Count(null, new ReceiveResult(isPost ? ReceiveStatus.WrongContentType : ReceiveStatus.WrongMethod));
            return;
        }

        // 2. and 3. A method we have, a key we know.
        var refusal = Check(context, out var method);
        if (!refusal.IsOk)
        {
            Count(method, refusal);
            GrpcAnswers.EndWithStatus(context.Response, refusal);
            return;
        }

        // 4. Run.
        var answer = await RunAsync(context, method!);
        Count(method, answer.Outcome);

        // 5. Answer.
        await GrpcAnswers.EndAsync(context, answer);
    }

    private static bool IsGrpc(HttpContext context)
    {
        var request = context.Request;
        var type = request.ContentType ?? "";
        const string grpc = "application/grpc";
        var isGrpc = type.StartsWith(grpc, StringComparison.OrdinalIgnoreCase)
            && (type.Length == grpc.Length || type[grpc.Length] is '+' or ';');
        context.Response.StatusCode = request.Method != HttpMethods.Post ? StatusCodes.Status405MethodNotAllowed
            : !isGrpc ? StatusCodes.Status415UnsupportedMediaType
            : StatusCodes.Status200OK;
        if (context.Response.StatusCode == StatusCodes.Status405MethodNotAllowed)
        {
            context.Response.Headers.Allow = HttpMethods.Post;
        }

        return context.Response.StatusCode == StatusCodes.Status200OK;
    }

    private void Count(IGrpcMethod? method, ReceiveResult result) => _metrics.RequestEnded(
        RequestTransport.Grpc, method?.Signal ?? RequestSignal.Unknown, ReceiveStatusTable.LabelOf(result));

    private ReceiveResult Check(HttpContext context, out IGrpcMethod? method)
    {
        if (!_methods.TryGetValue(context.Request.Path.Value ?? "", out method))
        {
            return new ReceiveResult(
                ReceiveStatus.Unimplemented, $"no method {context.Request.Path}; there are {string.Join(", ", _methods.Keys)}");
        }

        if (!_keys.Allow(context.Request.Headers.Authorization))
        {
            return IngestKeys.Denied;
        }

        return GrpcEncoding.IsKnown(context.Request) ? ReceiveResult.Ok : new ReceiveResult(
            ReceiveStatus.Unimplemented, $"grpc-encoding is not understood; legal are {GrpcEncoding.Accepted}");
    }

    private async ValueTask<GrpcAnswer> RunAsync(HttpContext context, IGrpcMethod method)
    {
        using var deadline = DeadlineOf(context);
        try
        {
            return await method.InvokeAsync(new GrpcCall(context, _limits), deadline?.Token ?? context.RequestAborted);
        }
        catch (Exception error)
        {
            var failed = ReceiveFailure.Of(error, context.RequestAborted.IsCancellationRequested);
            if (failed.Status == ReceiveStatus.Internal)
            {
                CallFailed(context.Request.Path, error);
            }

            return new GrpcAnswer(failed, null);
        }
    }

    private CancellationTokenSource? DeadlineOf(HttpContext context)
    {
        if (!GrpcTimeout.TryParse(context.Request.Headers["grpc-timeout"].ToString(), out var timeout))
        {
            return null;
        }

        var source = new CancellationTokenSource(timeout, _limits.Clock);
        context.RequestAborted.UnsafeRegister(static source => CancelIfAlive((CancellationTokenSource)source!), source);
        return source;
    }

    // The caller may leave just when the call has ended and its source is gone.
    private static void CancelIfAlive(CancellationTokenSource source)
    {
        try
        {
            source.Cancel();
        }
        catch (ObjectDisposedException)
        {
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The call {Path} failed")]
    private partial void CallFailed(string path, Exception error);
}
