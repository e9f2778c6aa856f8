using Grpc.Core;

namespace Collector.Receive.Request;

/// <summary>How a request ended, whatever brought it.</summary>
internal enum ReceiveStatus
{
    Ok,
    BadData,

    /// <summary>Well-formed, and none of it is known here.</summary>
    NotUnderstood,
    TooLarge,
    Unauthenticated,

    /// <summary>The caller is known and may not do this.</summary>
    Forbidden,

    /// <summary>The caller sends more than it may; later it may again.</summary>
    RateLimited,
    Unimplemented,
    WrongMethod,
    WrongContentType,
    UnknownEncoding,
    Overloaded,
    DeadlineExceeded,
    Cancelled,

    /// <summary>An error that nobody foresaw; the same request may go well.</summary>
    Failed,

    /// <summary>The same request ended in such an error again.</summary>
    Internal,
}

/// <summary>The one table from how a request ended to what is said of it.</summary>
internal static class ReceiveStatusTable
{
    /// <summary>
    /// What gRPC, HTTP and the metrics call it, and whether a retry may help. OTLP over HTTP sends gRPC's code as well,
    /// in the body of its errors.
    /// </summary>
    public static (StatusCode Code, int Http, bool IsRetryable, string Label) Of(ReceiveStatus status) => status switch
    {
        ReceiveStatus.Ok => (StatusCode.OK, 200, false, "ok"),
        ReceiveStatus.BadData => (StatusCode.InvalidArgument, 400, false, "bad_data"),
        ReceiveStatus.NotUnderstood => (StatusCode.InvalidArgument, 400, false, "not_understood"),
        ReceiveStatus.TooLarge => (StatusCode.ResourceExhausted, 413, false, "too_large"),
        ReceiveStatus.Unauthenticated => (StatusCode.Unauthenticated, 401, false, "unauthenticated"),
        ReceiveStatus.Forbidden => (StatusCode.PermissionDenied, 403, false, "forbidden"),
        ReceiveStatus.RateLimited => (StatusCode.ResourceExhausted, 429, true, "rate_limited"),
        ReceiveStatus.Unimplemented => (StatusCode.Unimplemented, 404, false, "unimplemented"),
        ReceiveStatus.WrongMethod => (StatusCode.Unimplemented, 405, false, "wrong_method"),
        ReceiveStatus.WrongContentType => (StatusCode.InvalidArgument, 415, false, "wrong_content_type"),
        ReceiveStatus.UnknownEncoding => (StatusCode.Unimplemented, 415, false, "unknown_encoding"),
        ReceiveStatus.Overloaded => (StatusCode.Unavailable, 503, true, "overloaded"),
        ReceiveStatus.DeadlineExceeded => (StatusCode.DeadlineExceeded, 504, true, "deadline_exceeded"),
        ReceiveStatus.Cancelled => (StatusCode.Cancelled, 499, true, "cancelled"),
        ReceiveStatus.Failed => (StatusCode.Unavailable, 503, true, "failed"),
        _ => (StatusCode.Internal, 500, false, "internal"),
    };
}
