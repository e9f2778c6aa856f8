using Collector.Receive.Request;

namespace Collector.Receive.Grpc;

/// <summary>The headers of calls that are read or written by us, not by the library.</summary>
internal static class GrpcHeaders
{
    /// <summary>Carries a google.rpc.Status; the library writes it as base64.</summary>
    public const string Details = "grpc-status-details-bin";

    public const string AcceptEncoding = "grpc-accept-encoding";

    public const string Encoding = "grpc-encoding";

    private const string Type = "application/grpc";

    public static bool IsGrpc(HttpRequest request)
    {
        var type = request.ContentType ?? "";
        return type.StartsWith(Type, StringComparison.OrdinalIgnoreCase)
            && (type.Length == Type.Length || type[Type.Length] is '+' or ';');
    }

    /// <summary>Null where messages are not compressed; the gate lets no unknown one pass.</summary>
    public static Coding? CodingOf(HttpRequest request) =>
        Codings.TryReadGrpc(request.Headers[Encoding], out var coding) ? coding : null;
}
