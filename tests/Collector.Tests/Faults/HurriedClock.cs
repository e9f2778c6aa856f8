using Collector.Tests.Support;

namespace Collector.Tests.Faults;

/// <summary>
/// Begins at <see cref="Some.Noon"/> and goes so many times as fast as the system's clock, timers too: what waits a second
/// or a minute for its next try has it while the test looks on.
/// </summary>
internal sealed class HurriedClock(int factor) : TimeProvider
{
    private readonly long _started = System.GetTimestamp();

    public override DateTimeOffset GetUtcNow() =>
        DateTimeOffset.UnixEpoch.AddTicks((long)(Some.Noon / 100)) + (System.GetElapsedTime(_started) * factor);

    public override long GetTimestamp() => (System.GetTimestamp() - _started) * factor;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new Timer(System.CreateTimer(callback, state, Shorten(dueTime, factor), Shorten(period, factor)), factor);

    private static TimeSpan Shorten(TimeSpan time, int factor) =>
        time == Timeout.InfiniteTimeSpan || time == TimeSpan.Zero ? time
            : TimeSpan.FromMilliseconds(Math.Max(1, time.TotalMilliseconds / factor));

    private sealed class Timer(ITimer timer, int factor) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(Shorten(dueTime, factor), Shorten(period, factor));

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}
