namespace Collector.Hosting;

/// <summary>What is true for hours is said once a minute.</summary>
internal sealed class RareWord(TimeProvider clock)
{
    private static readonly long _seconds = 60;
    private long _last = long.MinValue;

    /// <summary>Whether it is to be said now; if so, the next time is a minute away.</summary>
    public bool IsDue()
    {
        var last = Interlocked.Read(ref _last);
        var now = clock.GetTimestamp();
        return (last == long.MinValue || now - last >= _seconds * clock.TimestampFrequency)
            && Interlocked.CompareExchange(ref _last, now, last) == last;
    }
}
