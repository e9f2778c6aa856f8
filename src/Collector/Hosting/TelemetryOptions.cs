namespace Collector.Hosting;

/// <summary>Where Collector sends its own metrics; programs that fetch them ask <c>/metrics</c>.</summary>
internal sealed class TelemetryOptions
{
    /// <summary>
    /// An OTLP endpoint, such as <c>http://monitor:4317</c>; over HTTP <c>/v1/metrics</c> is appended where it is missing.
    /// Default empty: nothing is sent.
    /// </summary>
    public Uri? OtlpEndpoint { get; set; }

    /// <summary>Default Grpc.</summary>
    public TelemetryProtocol Protocol { get; set; } = TelemetryProtocol.Grpc;
}

internal enum TelemetryProtocol
{
    Grpc,
    HttpProtobuf,
}
