using Collector.Hosting;

namespace Collector.Tests.Hosting;

public sealed class ReadinessTests
{
    [Fact]
    public void A_rebuild_that_failed_is_told_from_one_that_runs()
    {
        Observability.WhyNotReady(isWriterAlive: true, isSpoolAlive: true, isLiveAlive: true, Task.CompletedTask).ShouldBeNull();
        Observability.WhyNotReady(isWriterAlive: false, isSpoolAlive: true, isLiveAlive: true, Task.CompletedTask).ShouldBe("the writer is not alive");
        Observability.WhyNotReady(isWriterAlive: true, isSpoolAlive: false, isLiveAlive: true, Task.CompletedTask).ShouldBe("the spool's thread has died");
        Observability.WhyNotReady(isWriterAlive: true, isSpoolAlive: true, isLiveAlive: false, Task.CompletedTask).ShouldBe("the live stream has ended");
        Observability.WhyNotReady(isWriterAlive: true, isSpoolAlive: true, isLiveAlive: true, new TaskCompletionSource().Task).ShouldNotBeNull().ShouldContain("is being rebuilt");
        Observability.WhyNotReady(isWriterAlive: true, isSpoolAlive: true, isLiveAlive: true, Task.FromException(new IOException("gone")))
            .ShouldNotBeNull().ShouldContain("could not be rebuilt");
    }
}
