using Collector.Pipeline.Write;

namespace Collector.Tests.Pipeline.Write;

public sealed class BatchPolicyTests
{
    private readonly BatchPolicy _policy = new(new BatchOptions());

    [Theory]
    [InlineData(1, 0, false, false, 5000)]
    [InlineData(99, 4999, false, false, 1)]
    [InlineData(99, 5000, false, false, 0)]
    [InlineData(100, 0, false, false, 0)]
    [InlineData(1, 0, true, false, 5)]
    [InlineData(1, 4, true, false, 1)]
    [InlineData(1, 5, true, false, 0)]
    [InlineData(1, 0, false, true, 0)]
    public void A_batch_waits_until_it_is_full_old_or_awaited(int rows, int ageMs, bool awaited, bool stopping, int waitMs) =>
        _policy.WaitFor(rows, TimeSpan.FromMilliseconds(ageMs), awaited, stopping).ShouldBe(TimeSpan.FromMilliseconds(waitMs));
}
