using Microsoft.Extensions.Time.Testing;

namespace Collector.Tests.Support;

/// <summary>A clock for code that blocks its thread on a pause: a timer that is set moves time to its end and fires.</summary>
internal sealed class ImpatientClock : FakeTimeProvider
{
    public ImpatientClock()
        : base(DateTimeOffset.UnixEpoch.AddYears(56))
    {
    }

    /// <summary>What timers were set to, in order.</summary>
    public List<TimeSpan> Pauses { get; } = [];

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        if (dueTime > TimeSpan.Zero && dueTime < TimeSpan.FromMinutes(1))
        {
            Pauses.Add(dueTime);
            // Later, on another thread: who sets a timer is not ready yet to be called back.
            ThreadPool.QueueUserWorkItem(static state => state.Clock.Advance(state.Pause), (Clock: this, Pause: dueTime), preferLocal: false);
        }

        return timer;
    }
}
