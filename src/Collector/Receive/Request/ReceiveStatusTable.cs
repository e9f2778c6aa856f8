using Collector.Receive.Grpc;

namespace Collector.Receive.Request;

/// <summary>The one table from how a request ended to what gRPC and HTTP call it, and whether a retry may help.</summary>
internal static class ReceiveStatusTable
{
    public static (GrpcStatus Grpc, int Http, bool Retry) Of(ReceiveStatus status) => status switch
    {
        ReceiveStatus.Ok => (GrpcStatus.Ok, 200, false),
        ReceiveStatus.BadData => (GrpcStatus.InvalidArgument, 400, false),
        ReceiveStatus.TooLarge => (GrpcStatus.ResourceExhausted, 413, false),
        ReceiveStatus.Unauthenticated => (GrpcStatus.Unauthenticated, 401, false),
        ReceiveStatus.Unimplemented => (GrpcStatus.Unimplemented, 404, false),
        ReceiveStatus.WrongMethod => (GrpcStatus.Unimplemented, 405, false),
        ReceiveStatus.WrongContentType => (GrpcStatus.InvalidArgument, 415, false),
        ReceiveStatus.Overloaded => (GrpcStatus.Unavailable, 503, true),
        ReceiveStatus.DeadlineExceeded => (GrpcStatus.DeadlineExceeded, 504, true),
        ReceiveStatus.Cancelled => (GrpcStatus.Cancelled, 499, true),
        _ => (GrpcStatus.Internal, 500, false),
    };

    /// <summary>What the metrics call it.</summary>
    public static string LabelOf(ReceiveResult result) => result.Status switch
    {
        ReceiveStatus.Ok => result.IsDuplicate ? "duplicate" : "ok",
        ReceiveStatus.BadData => "bad_data",
        ReceiveStatus.TooLarge => "too_large",
        ReceiveStatus.Unauthenticated => "unauthenticated",
        ReceiveStatus.Unimplemented => "unimplemented",
        ReceiveStatus.WrongMethod => "wrong_method",
        ReceiveStatus.WrongContentType => "wrong_content_type",
        ReceiveStatus.Overloaded => "overloaded",
        ReceiveStatus.DeadlineExceeded => "deadline_exceeded",
        ReceiveStatus.Cancelled => "cancelled",
        _ => "internal",
    };
}
