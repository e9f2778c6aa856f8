namespace Collector.Tests.Support;

/// <summary>Goes on as the system's clock does, but from <see cref="Some.Noon"/>, when the tests' rows arrive.</summary>
internal sealed class NoonClock : TimeProvider
{
    private readonly long _started = System.GetTimestamp();

    public override DateTimeOffset GetUtcNow() =>
        DateTimeOffset.UnixEpoch.AddTicks((long)(Some.Noon / 100)) + GetElapsedTime(_started);
}
