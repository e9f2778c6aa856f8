using Collector.Hosting;

namespace Collector.Tests.Hosting;

public sealed class ReadinessTests
{
    [Fact]
    public void A_rebuild_that_failed_is_told_from_one_that_runs()
    {
        Observability.WhyNotReady(isWriterAlive: true, isSpoolAlive: true, isLiveAlive: true, TimeSpan.Zero, Task.CompletedTask).ShouldBeNull();
        Observability.WhyNotReady(isWriterAlive: false, isSpoolAlive: true, isLiveAlive: true, TimeSpan.Zero, Task.CompletedTask).ShouldBe("the writer is not alive");
        Observability.WhyNotReady(isWriterAlive: true, isSpoolAlive: false, isLiveAlive: true, TimeSpan.Zero, Task.CompletedTask).ShouldBe("the spool's thread has died");
        Observability.WhyNotReady(isWriterAlive: true, isSpoolAlive: true, isLiveAlive: false, TimeSpan.Zero, Task.CompletedTask).ShouldBe("the live stream has ended");
        Observability.WhyNotReady(isWriterAlive: true, isSpoolAlive: true, isLiveAlive: true, TimeSpan.Zero, new TaskCompletionSource().Task).ShouldNotBeNull().ShouldContain("is being rebuilt");
        Observability.WhyNotReady(isWriterAlive: true, isSpoolAlive: true, isLiveAlive: true, TimeSpan.Zero, Task.FromException(new IOException("gone")))
            .ShouldNotBeNull().ShouldContain("could not be rebuilt");
    }

    [Fact]
    public void Memory_that_nobody_got_for_five_seconds_is_not_ready_and_a_moment_of_it_is()
    {
        Observability.WhyNotReady(true, true, true, TimeSpan.FromSeconds(4.9), Task.CompletedTask).ShouldBeNull();
        Observability.WhyNotReady(true, true, true, TimeSpan.FromSeconds(7), Task.CompletedTask)
            .ShouldBe("no request has got memory (Queue:MaxBytes) for 7 s");
    }
}
