namespace Collector.Receive.Grpc;

/// <summary>The compressions of messages that are understood: none and gzip.</summary>
internal static class GrpcEncoding
{
    public const string Accepted = "identity,gzip";

    public static bool IsGzip(HttpRequest request) => Is(request, "gzip");

    public static bool IsKnown(HttpRequest request) =>
        request.Headers["grpc-encoding"].Count == 0 || Is(request, "identity") || Is(request, "gzip");

    private static bool Is(HttpRequest request, string name) =>
        string.Equals(request.Headers["grpc-encoding"], name, StringComparison.OrdinalIgnoreCase);
}
