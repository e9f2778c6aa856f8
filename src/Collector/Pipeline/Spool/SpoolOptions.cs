namespace Collector.Pipeline.Spool;

/// <summary>Where requests wait on disk while the store is unavailable.</summary>
public sealed class SpoolOptions
{
    /// <summary>A folder of its own. Default <c>data/spool</c>.</summary>
    public string Path { get; set; } = "data/spool";

    /// <summary>Bytes that may wait there. Default 1 GiB; 1 MiB to 1 TiB.</summary>
    public long MaxBytes { get; set; } = 1_073_741_824;
}
