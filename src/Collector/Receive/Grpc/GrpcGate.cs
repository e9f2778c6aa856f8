using System.Globalization;
using Collector.Access;
using Collector.Diagnostics;
using Collector.Pipeline.Ledger;
using Collector.Receive.Request;
using Microsoft.AspNetCore.Authorization;

namespace Collector.Receive.Grpc;

/// <summary>
/// Stands between routing and the methods, and turns away before anything of the body is read: (1) what is not gRPC at
/// all, (2) methods that do not exist, (3) callers whose key may not send, and (4) compressions that are not understood. Each is
/// counted.
/// </summary>
internal sealed class GrpcGate(IReadOnlyList<IGrpcMethod> methods, AccessRule access, DoorLedger door, CollectorMetrics metrics)
{
    private readonly string _legal = string.Join(", ", methods.Where(static method => method.Signal != RequestSignal.Metrics).Select(static method => $"/{method.Service}/{method.Name}"));

    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var endpoint = context.GetEndpoint();
        var refusal = Check(context.Request, endpoint);
        if (refusal.IsOk)
        {
            context.Response.Headers[GrpcHeaders.AcceptEncoding] = Codings.ForGrpc;
            return next(context);
        }

        var signal = endpoint?.Metadata.GetMetadata<IGrpcMethod>()?.Signal ?? RequestSignal.Unknown;
        metrics.RequestEnded(RequestTransport.Grpc, signal, refusal.Label);
        door.Count(context, refusal);
        Answer(context.Response, refusal);
        return Task.CompletedTask;
    }

    private ReceiveResult Check(HttpRequest request, Endpoint? endpoint)
    {
        // 1.
        if (request.Method != HttpMethods.Post)
        {
            return new ReceiveResult(ReceiveStatus.WrongMethod);
        }

        if (!GrpcHeaders.IsGrpc(request))
        {
            return new ReceiveResult(ReceiveStatus.WrongContentType);
        }

        // 2.
        if (endpoint is null)
        {
            return new ReceiveResult(ReceiveStatus.Unimplemented, $"no method {request.Path}; there are {_legal}");
        }

        // 3. Health is asked by probes that have no key, and tells nothing else.
        if (endpoint.Metadata.GetMetadata<IAllowAnonymous>() is null)
        {
            var answer = access.Check(request.Headers.Authorization);
            if (!answer.IsGranted)
            {
                return ReceiveResult.Denied(answer);
            }

            if (answer.Key is { } key)
            {
                request.HttpContext.Features.Set(key);
            }
        }

        // 4.
        var encoding = request.Headers[GrpcHeaders.Encoding];
        return Codings.TryReadGrpc(encoding, out _)
            ? ReceiveResult.Ok
            : ReceiveResult.UnknownEncoding(GrpcHeaders.Encoding, encoding.ToString(), Codings.ForGrpc);
    }

    internal static void Answer(HttpResponse response, ReceiveResult refusal)
    {
        var row = ReceiveStatusTable.Of(refusal.Status);
        if (refusal.Status is ReceiveStatus.WrongMethod or ReceiveStatus.WrongContentType)
        {
            // Plain HTTP, which is all that such a caller would understand.
            response.StatusCode = row.Http;
            response.Headers.Allow = refusal.Status == ReceiveStatus.WrongMethod ? HttpMethods.Post : default;
            return;
        }

        // Nothing was sent, so the trailers are the headers.
        response.ContentType = "application/grpc";
        response.Headers[GrpcHeaders.AcceptEncoding] = Codings.ForGrpc;
        response.Headers["grpc-status"] = ((int)row.Code).ToString(CultureInfo.InvariantCulture);
        response.Headers["grpc-message"] = Uri.EscapeDataString(refusal.Message!);
        response.Headers[GrpcHeaders.Details] = Convert.ToBase64String(StatusMessage.ToProto(refusal));
    }
}
