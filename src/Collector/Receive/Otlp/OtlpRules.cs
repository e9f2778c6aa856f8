namespace Collector.Receive.Otlp;

/// <summary>What the operator decides about decoding; built once from the settings.</summary>
public sealed class OtlpRules
{
    /// <summary>
    /// Bytes that a row's message and context may have together; what is longer is cut and noted. The notes themselves
    /// (at most 33 short sentences) come on top. Default 1 MiB.
    /// </summary>
    public int MaxRowBytes { get; init; } = 1_048_576;

    /// <summary>Names whose values are never stored.</summary>
    public SecretNames Secrets { get; init; } = SecretNames.Default;
}
