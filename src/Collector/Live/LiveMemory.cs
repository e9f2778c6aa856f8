namespace Collector.Live;

/// <summary>The memory of what waits for all live readers together.</summary>
internal sealed class LiveMemory(long max)
{
    private long _used;

    public long Max => max;

    public long Used => Interlocked.Read(ref _used);

    public bool IsExceeded => Used > max;

    public void Add(long bytes) => Interlocked.Add(ref _used, bytes);
}
