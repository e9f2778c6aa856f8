namespace Collector.Storage.Sqlite.Segments;

/// <summary>
/// When a segment may be begun again after that failed: at once, then after pauses that double up to a minute, whatever asks
/// for it. Each attempt on a full disk costs syncs, and a line in the log a request would bury the first one.
/// </summary>
internal sealed class CreationPause(TimeProvider clock)
{
    private static readonly TimeSpan _first = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan _longest = TimeSpan.FromMinutes(1);

    private TimeSpan _pause;
    private long _since;

    /// <summary>Why the last attempt failed; null where it did not.</summary>
    public string? Error { get; private set; }

    public bool IsOver => Error is null || clock.GetElapsedTime(_since) >= _pause;

    /// <summary>True where it is the first failure since a success: then it is said.</summary>
    public bool Failed(string error)
    {
        var isFirst = Error is null;
        _pause = isFirst ? _first : TimeSpan.FromTicks(Math.Min(_pause.Ticks * 2, _longest.Ticks));
        _since = clock.GetTimestamp();
        Error = error;
        return isFirst;
    }

    public void Succeeded() => Error = null;
}
