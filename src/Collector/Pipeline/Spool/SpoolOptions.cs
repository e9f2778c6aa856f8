namespace Collector.Pipeline.Spool;

/// <summary>Where requests wait on disk while the store is unavailable.</summary>
internal sealed class SpoolOptions
{
    /// <summary>
    /// A folder of its own, one Collector at a time. Default: <c>spool</c> in <c>Storage:Path</c>, so <c>data/spool</c>; that
    /// is also what an empty value means.
    /// </summary>
    public string Path { get; set; } = "data/spool";

    /// <summary>Bytes that may wait there. Default 1 GiB; 1 MiB to 1 TiB.</summary>
    public long MaxBytes { get; set; } = 1_073_741_824;
}
