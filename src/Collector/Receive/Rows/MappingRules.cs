namespace Collector.Receive.Rows;

/// <summary>What the operator decides about decoding; built once from the settings.</summary>
internal sealed class MappingRules
{
    /// <summary>
    /// Bytes that a row's message and context may have together; what is longer is cut and noted. The notes themselves
    /// (at most 33 short sentences) come on top. Default 1 MiB.
    /// </summary>
    public int MaxRowBytes { get; init; } = 1_048_576;

    /// <summary>
    /// A record whose own time is older than this when it arrives is flagged, since people will look for it in vain
    /// among what is kept that long. Default null, none is.
    /// </summary>
    public TimeSpan? MaxAge { get; init; }

    /// <summary>Names whose values are never stored.</summary>
    public SecretNames Secrets { get; init; } = SecretNames.Default;

    /// <summary>What fields are called.</summary>
    public FieldNames Names { get; init; } = FieldNames.Default;
}
