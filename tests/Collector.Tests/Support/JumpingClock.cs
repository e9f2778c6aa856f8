using Microsoft.Extensions.Time.Testing;

namespace Collector.Tests.Support;

/// <summary>A wall clock that somebody sets wrong; its counter goes on as if nothing had happened.</summary>
internal sealed class JumpingClock : FakeTimeProvider
{
    private TimeSpan _off;

    public JumpingClock()
        : base(DateTimeOffset.UnixEpoch.AddYears(56))
    {
    }

    public void Jump(TimeSpan by) => _off += by;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + _off;

    public override long GetTimestamp() => base.GetUtcNow().Ticks;
}
