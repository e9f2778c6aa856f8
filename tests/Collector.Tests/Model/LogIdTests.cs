using Collector.Model;

namespace Collector.Tests.Model;

public sealed class LogIdTests
{
    private const ulong Noon = 1_795_435_200_000_000_000;

    [Fact]
    public void Ids_strictly_increase_when_the_clock_stands_still_or_steps_back()
    {
        var sequence = new LogIdSequence();
        var last = sequence.Reserve(1, Noon);
        ulong[] clock = [Noon, Noon, Noon - 5_000_000_000, Noon + 1_000_000, Noon];
        foreach (var now in clock)
        {
            var next = sequence.Reserve(100, now);
            (next > last).ShouldBeTrue();
            last = next.Plus(99);
        }
    }

    [Fact]
    public void Text_order_is_number_order_across_the_carry()
    {
        var id = LogId.Of(1_795_435_200_000, 0xFFF, (1UL << 62) - 1);
        string.CompareOrdinal(id.Plus(1).ToString(), id.ToString()).ShouldBePositive();
    }

    [Fact]
    public void Text_is_a_uuid_of_version_7_that_carries_the_time()
    {
        var uuid = Guid.Parse(new LogIdSequence().Reserve(1, Noon).ToString());
        uuid.Version.ShouldBe(7);
        uuid.Variant.ShouldBeInRange(8, 11);
        uuid.ToString().Replace("-", "", StringComparison.Ordinal)[..12].ShouldBe((Noon / 1_000_000).ToString("x12"));
    }
}
