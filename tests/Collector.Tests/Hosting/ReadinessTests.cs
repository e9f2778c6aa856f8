using Collector.Hosting;

namespace Collector.Tests.Hosting;

public sealed class ReadinessTests
{
    [Fact]
    public void A_rebuild_that_failed_is_told_from_one_that_runs()
    {
        Observability.WhyNotReady(isWriterAlive: true, isSpoolAlive: true, Task.CompletedTask).ShouldBeNull();
        Observability.WhyNotReady(isWriterAlive: false, isSpoolAlive: true, Task.CompletedTask).ShouldBe("the writer is not alive");
        Observability.WhyNotReady(isWriterAlive: true, isSpoolAlive: false, Task.CompletedTask).ShouldBe("the spool's thread has died");
        Observability.WhyNotReady(isWriterAlive: true, isSpoolAlive: true, new TaskCompletionSource().Task).ShouldNotBeNull().ShouldContain("is being rebuilt");
        Observability.WhyNotReady(isWriterAlive: true, isSpoolAlive: true, Task.FromException(new IOException("gone")))
            .ShouldNotBeNull().ShouldContain("could not be rebuilt");
    }
}
