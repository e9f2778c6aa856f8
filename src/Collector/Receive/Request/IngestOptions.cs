namespace Collector.Receive.Request;

/// <summary>What producers may send and what they are told.</summary>
internal sealed class IngestOptions
{
    /// <summary>When a producer is answered. Default <see cref="Acknowledge.Stored"/>.</summary>
    public Acknowledge Acknowledge { get; set; } = Acknowledge.Stored;

    /// <summary>
    /// If any: <c>authorization: Bearer KEY</c> is required on the gRPC and the HTTP port. Default none. Printable
    /// ASCII without spaces, at least 8 characters.
    /// </summary>
    public IReadOnlyList<string> Keys { get; set; } = [];

    /// <summary>Largest request, before and after decompression. Default 64 MiB; 1 KiB to 1 GiB.</summary>
    public int MaxRequestBytes { get; set; } = 67_108_864;

    /// <summary>Largest message and largest context of one row; more is cut and noted. Default 1 MiB; 1 KiB to 16 MiB.
    /// </summary>
    public int MaxRowBytes { get; set; } = 1_048_576;

    /// <summary>How long a repeat of a request is known as one. Default 10 min; 0 (off) to 1 day.</summary>
    public TimeSpan RetryWindow { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Origins whose pages may send to the HTTP port (CORS), also as <c>https://*.example.com</c>. Default none; <c>*</c>
    /// for all, without credentials.
    /// </summary>
    public IReadOnlyList<string> CorsOrigins { get; set; } = [];

    /// <summary>
    /// Names of a correlation id in attributes, bodies, JSON lines and headers, the most telling first; case, <c>_</c>, <c>-</c> and
    /// <c>.</c> don't matter, nor what stands before a dot. 1 to 64 letters and digits each.
    /// </summary>
    public IReadOnlyList<string> CorrelationNames { get; set; } = ["correlation_id", "x-correlation-id"];

    /// <summary>Names of a request id, likewise.</summary>
    public IReadOnlyList<string> RequestNames { get; set; } =
    [
        "request_id", "x-request-id", "req_id", "cf-ray", "cloudflare.ray_id", "faas.invocation_id", "TraceIdentifier", "InvocationId",
    ];

    /// <summary>
    /// Request headers that these pages may set. Default those of OTLP exporters and of the tracing that instruments their
    /// requests; <c>*</c> for all.
    /// </summary>
    public IReadOnlyList<string> CorsHeaders { get; set; } =
    [
        "content-type", "content-encoding", "authorization", "user-agent", "x-requested-with", "traceparent", "tracestate",
        "baggage", "b3", "x-b3-traceid", "x-b3-spanid", "x-b3-parentspanid", "x-b3-sampled", "x-b3-flags", "uber-trace-id",
        "x-amzn-trace-id",
    ];
}

/// <summary>When a producer is answered.</summary>
internal enum Acknowledge
{
    /// <summary>When its rows are on disk.</summary>
    Stored,

    /// <summary>When its rows are in the queue; a crash may lose what waits there.</summary>
    Queued,
}
