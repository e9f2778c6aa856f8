namespace Collector.Pipeline.Ledger;

/// <summary>Why a request was turned away before any row of it was known.</summary>
internal enum DoorReason
{
    NoKey,
    Forbidden,
    WrongPath,
    WrongPort,
    WrongHost,
    WrongScheme,
    WrongMethod,
    WrongContentType,
    UnknownEncoding,
    NotUnderstood,
    Metrics,
    Profiles,
}

internal static class DoorReasons
{
    /// <summary>What answers and metrics call it.</summary>
    public static string Label(this DoorReason reason) => reason switch
    {
        DoorReason.NoKey => "unauthenticated",
        DoorReason.Forbidden => "forbidden",
        DoorReason.WrongPath => "wrong_path",
        DoorReason.WrongPort => "wrong_port",
        DoorReason.WrongHost => "wrong_host",
        DoorReason.WrongScheme => "wrong_scheme",
        DoorReason.WrongMethod => "wrong_method",
        DoorReason.WrongContentType => "wrong_content_type",
        DoorReason.UnknownEncoding => "unknown_encoding",
        DoorReason.NotUnderstood => "not_understood",
        DoorReason.Metrics => "metrics",
        DoorReason.Profiles => "profiles",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "unknown reason"),
    };

    /// <summary>What whoever runs the sender can do.</summary>
    public static string Remedy(this DoorReason reason) => reason switch
    {
        DoorReason.NoKey => "give it a key that is in force (collector keys list, collector keys new): OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20KEY; readers log in or take --key-file",
        DoorReason.Forbidden => "give it a key with the right, or for the service, that the message names (collector keys new --rights ... --services ...)",
        DoorReason.WrongPath => "logs go to /v1/logs, traces to /v1/traces, tail events to /v1/tail",
        DoorReason.WrongPort => "rows go to the ports 4317 (OTLP/gRPC) and 4318 (OTLP/HTTP), or as Listen:Grpc and Listen:Http say",
        DoorReason.WrongHost => "ask for an IP address, localhost or this machine's name, or add the name to Listen:WebHosts",
        DoorReason.WrongScheme => "use https:// where Tls:Certificate is set, and http:// where it is not",
        DoorReason.WrongMethod => "rows are sent with POST",
        DoorReason.WrongContentType => "send application/x-protobuf or application/json: OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
        DoorReason.UnknownEncoding => "set the exporter's compression to gzip or zstd; most forwarders drop what is refused for it",
        DoorReason.NotUnderstood => "the body is none of this path's messages; look at what the sender puts into it",
        DoorReason.Metrics => "metrics are not kept; OTEL_METRICS_EXPORTER=none spares the requests",
        DoorReason.Profiles => "profiles are not kept",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "unknown reason"),
    };
}
