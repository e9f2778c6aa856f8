namespace Collector.Receive.Otlp;

/// <summary>Attributes that fill a column or decide about one. Alternatives stand in order of precedence.</summary>
internal enum KnownKey : byte
{
    None,
    CorrelationId,
    CorrelationIdDotted,
    CorrelationHeader,
    CorrelationHeaderUnderscored,
    RequestId,
    RequestIdDotted,
    RequestIdPascal,
    RequestIdHeader,
    RequestIdHeaderUnderscored,
    CpuTime,
    ExecutionTime,
    CloudflareCpuTime,
    Outcome,
    CloudflareOutcome,
    ExceptionType,
    ExceptionMessage,
    ExceptionStack,
    ServiceName,
    ScriptName,
    FunctionName,
}

internal static class KnownKeys
{
    public const int Count = (int)KnownKey.FunctionName + 1;

    /// <summary>Runs for every attribute: the length rules out nearly all names before a byte is compared.</summary>
    public static KnownKey Of(ReadOnlySpan<byte> key) => key.Length switch
    {
        7 => If(key, "outcome"u8, KnownKey.Outcome),
        9 => If(key, "RequestId"u8, KnownKey.RequestIdPascal, "faas.name"u8, KnownKey.FunctionName),
        10 => If(key, "request_id"u8, KnownKey.RequestId, "request.id"u8, KnownKey.RequestIdDotted),
        11 => If(key, "cpu_time_ms"u8, KnownKey.CpuTime),
        12 => If(key, "service.name"u8, KnownKey.ServiceName),
        14 => If(key, "correlation_id"u8, KnownKey.CorrelationId, "exception.type"u8, KnownKey.ExceptionType)
            is var found and not KnownKey.None
                ? found
                : If(key, "correlation.id"u8, KnownKey.CorrelationIdDotted),
        17 => If(key, "exception.message"u8, KnownKey.ExceptionMessage, "execution_time_ms"u8, KnownKey.ExecutionTime),
        18 => If(key, "cloudflare.outcome"u8, KnownKey.CloudflareOutcome),
        20 => If(key, "exception.stacktrace"u8, KnownKey.ExceptionStack),
        22 => If(
            key, "cloudflare.cpu_time_ms"u8, KnownKey.CloudflareCpuTime,
            "cloudflare.script_name"u8, KnownKey.ScriptName),
        32 => If(
            key, "http.request.header.x-request-id"u8, KnownKey.RequestIdHeader,
            "http.request.header.x_request_id"u8, KnownKey.RequestIdHeaderUnderscored),
        36 => If(
            key, "http.request.header.x-correlation-id"u8, KnownKey.CorrelationHeader,
            "http.request.header.x_correlation_id"u8, KnownKey.CorrelationHeaderUnderscored),
        _ => KnownKey.None,
    };

    private static KnownKey If(ReadOnlySpan<byte> key, ReadOnlySpan<byte> name, KnownKey known) =>
        key.SequenceEqual(name) ? known : KnownKey.None;

    private static KnownKey If(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> name, KnownKey known,
        ReadOnlySpan<byte> other, KnownKey knownOther) =>
        key.SequenceEqual(name) ? known : If(key, other, knownOther);
}
