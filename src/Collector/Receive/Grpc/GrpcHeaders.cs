namespace Collector.Receive.Grpc;

/// <summary>The headers of calls that are read or written by us, not by the library.</summary>
internal static class GrpcHeaders
{
    /// <summary>Carries a google.rpc.Status; the library writes it as base64.</summary>
    public const string Details = "grpc-status-details-bin";

    public const string AcceptEncoding = "grpc-accept-encoding";

    /// <summary>The compressions of messages that are understood: none and gzip.</summary>
    public const string KnownEncodings = "identity,gzip";

    private const string Type = "application/grpc";

    public static bool IsGrpc(HttpRequest request)
    {
        var type = request.ContentType ?? "";
        return type.StartsWith(Type, StringComparison.OrdinalIgnoreCase)
            && (type.Length == Type.Length || type[Type.Length] is '+' or ';');
    }

    public static bool IsGzip(HttpRequest request) => HasEncoding(request, "gzip");

    public static bool HasKnownEncoding(HttpRequest request) =>
        request.Headers["grpc-encoding"].Count == 0 || HasEncoding(request, "identity") || IsGzip(request);

    private static bool HasEncoding(HttpRequest request, string name) =>
        string.Equals(request.Headers["grpc-encoding"], name, StringComparison.OrdinalIgnoreCase);
}
