using Collector.Model;
using Collector.Pipeline.Ledger;
using Collector.Pipeline.Queue;
using Collector.Tests.Support;

namespace Collector.Tests.Pipeline.Queue;

public sealed class DedupWindowTests
{
    private static readonly RequestKey _key = SomeBatches.Key(7);

    private readonly JumpingClock _clock = new();
    private readonly Repeat _repeat = new();
    private readonly DedupWindow _recent;

    public DedupWindowTests() => _recent = new DedupWindow(TimeSpan.FromMinutes(10), _clock);

    [Fact]
    public void A_repeat_of_a_kept_request_is_known_and_a_new_one_is_first()
    {
        Enter(_key).ShouldBeNull();
        _recent.Complete(_key, IngestOutcome.Spooled);

        Enter(_key).ShouldBe(IngestOutcome.Spooled);
        Enter(SomeBatches.Key(8)).ShouldBeNull();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_repeat_of_a_request_under_way_shares_its_fate(bool isGood)
    {
        Enter(_key);
        _recent.Enter(_key, _repeat, out var firstOfTwo).ShouldBeNull();
        _recent.Enter(_key, _repeat, out var firstOfThree).ShouldBeNull();
        _repeat.Shared.ShouldBeEmpty();
        var fate = isGood ? IngestOutcome.Stored : IngestOutcome.Refused("full");

        _recent.Complete(_key, fate);

        (firstOfTwo || firstOfThree).ShouldBeFalse();
        _repeat.Shared.ShouldBe([fate, fate]);
    }

    [Theory]
    [InlineData(IngestStatus.Refused)]
    [InlineData(IngestStatus.Rejected)]
    public void A_failed_request_is_forgotten_so_that_its_repeat_is_tried(object status)
    {
        Enter(_key);
        _recent.Complete(_key, new IngestOutcome((IngestStatus)status));

        IsFirst(_key).ShouldBeTrue();
    }

    [Fact]
    public void A_request_is_known_until_the_window_after_its_end_is_over()
    {
        Enter(_key);
        _clock.Advance(TimeSpan.FromHours(1));
        IsFirst(_key).ShouldBeFalse("it is still under way");
        _recent.Complete(_key, IngestOutcome.Stored);

        _clock.Advance(TimeSpan.FromMinutes(10));
        IsFirst(_key).ShouldBeFalse();
        _clock.Advance(TimeSpan.FromSeconds(1));
        IsFirst(_key).ShouldBeTrue();
    }

    [Theory]
    [InlineData(7)]
    [InlineData(-7)]
    public void A_clock_that_jumps_a_week_changes_nothing(int days)
    {
        Enter(_key);
        _recent.Complete(_key, IngestOutcome.Stored);
        _clock.Advance(TimeSpan.FromMinutes(9));

        _clock.Jump(TimeSpan.FromDays(days));

        IsFirst(_key).ShouldBeFalse("one minute is left");
        _clock.Advance(TimeSpan.FromMinutes(2));
        IsFirst(_key).ShouldBeTrue("the window is over");
    }

    [Fact]
    public void What_an_earlier_process_kept_is_known_for_the_rest_of_its_window()
    {
        _recent.Load(_key, _clock.GetUtcNow().AddMinutes(-9));
        _recent.Load(SomeBatches.Key(8), _clock.GetUtcNow().AddMinutes(-11));

        IsFirst(_key).ShouldBeFalse();
        IsFirst(SomeBatches.Key(8)).ShouldBeTrue();
        _clock.Advance(TimeSpan.FromMinutes(2));
        IsFirst(_key).ShouldBeTrue();
    }

    [Fact]
    public void What_seems_to_come_from_the_future_is_known_for_one_window()
    {
        _recent.Load(_key, _clock.GetUtcNow().AddDays(7));

        IsFirst(_key).ShouldBeFalse();
        _clock.Advance(TimeSpan.FromMinutes(11));
        IsFirst(_key).ShouldBeTrue();
    }

    [Fact]
    public void At_most_a_hundred_thousand_are_remembered_the_latest()
    {
        for (var i = 0; i < 100_010; i++)
        {
            Enter(SomeBatches.Key(i));
            _recent.Complete(SomeBatches.Key(i), IngestOutcome.Stored);
        }

        IsFirst(SomeBatches.Key(100_009)).ShouldBeFalse();
        IsFirst(SomeBatches.Key(10)).ShouldBeFalse();
        IsFirst(SomeBatches.Key(9)).ShouldBeTrue();
    }

    [Fact]
    public void A_forgotten_request_that_comes_again_is_known_for_a_window_of_its_own()
    {
        Enter(_key);
        _recent.Complete(_key, IngestOutcome.Spooled);
        _clock.Advance(TimeSpan.FromMinutes(9));

        _recent.Forget(_key);
        IsFirst(_key).ShouldBeTrue();
        _recent.Complete(_key, IngestOutcome.Stored);

        _clock.Advance(TimeSpan.FromMinutes(9));
        IsFirst(_key).ShouldBeFalse("only the first one's window is over");
        _clock.Advance(TimeSpan.FromMinutes(2));
        IsFirst(_key).ShouldBeTrue();
    }

    private IngestOutcome? Enter(RequestKey key) => _recent.Enter(key, _repeat, out _);

    private bool IsFirst(RequestKey key)
    {
        _recent.Enter(key, _repeat, out var isFirst);
        return isFirst;
    }

    private sealed class Repeat : IRepeat
    {
        public List<IngestOutcome> Shared { get; } = [];

        public bool IsAwaited => true;

        public void Share(IngestOutcome first) => Shared.Add(first);
    }
}
