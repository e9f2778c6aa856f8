using Collector.Diagnostics;
using Collector.Pipeline.Write;
using Collector.Storage;
using Collector.Tests.Support;

namespace Collector.Tests.Pipeline.Write;

public sealed class ResilientAppenderTests : IDisposable
{
    // Timers fire as soon as they are made, and time is then what they waited for.
    private readonly ImpatientClock _clock = new();
    private readonly RecordingLogger _log = new();
    private readonly List<DateTimeOffset> _attempts = [];
    private readonly CollectorMetrics _metrics;
    private readonly RuledStore _store;
    private readonly ResilientAppender _guard;
    private AppendResult _answer = new(AppendStatus.Transient, "database is locked");

    public ResilientAppenderTests()
    {
        _store = new RuledStore(_ =>
        {
            _attempts.Add(_clock.GetUtcNow());
            return _answer;
        });
        _metrics = new CollectorMetrics(_clock);
        _guard = new ResilientAppender(_store, new RetryOptions(), _metrics, _clock, new TypedLogger<ResilientAppender>(_log));
    }

    [Fact]
    public void A_write_that_fails_for_a_passing_reason_is_tried_three_times_more_with_growing_pauses()
    {
        var attempts = 0;
        _store.Rule = _ => ++attempts < 4 ? Locked() : AppendResult.Committed;

        _guard.Append(new AppendGroup()).Status.ShouldBe(AppendStatus.Committed);

        _clock.Pauses.Count.ShouldBe(3);
        // The jitter decorrelates: a pause is its nominal value give or take; together they stay in these bounds.
        _clock.Pauses.Aggregate(TimeSpan.Zero, (sum, pause) => sum + pause).TotalMilliseconds.ShouldBeInRange(150, 2_500);
        _guard.Retries.ShouldBe(3);
        _guard.IsFailing.ShouldBeFalse();
        _log.Errors.ShouldBeEmpty();
    }

    [Fact]
    public void A_write_that_fails_for_good_is_not_tried_again()
    {
        _answer = new AppendResult(AppendStatus.Permanent, "a constraint");

        _guard.Append(new AppendGroup()).Status.ShouldBe(AppendStatus.Permanent);

        _attempts.Count.ShouldBe(1);
        _guard.IsFailing.ShouldBeFalse("the store is well, the rows are not");
    }

    [Fact]
    public void A_store_that_keeps_failing_is_left_alone_for_a_second_and_then_asked_again()
    {
        Fail();
        Fail();
        _attempts.Count.ShouldBe(8);

        Fail();
        _attempts.Count.ShouldBe(8, "the circuit is open");

        _clock.Advance(TimeSpan.FromSeconds(1.1));
        _answer = AppendResult.Committed;
        _guard.Append(new AppendGroup()).Status.ShouldBe(AppendStatus.Committed);
        _attempts.Count.ShouldBe(9);
        _guard.IsFailing.ShouldBeFalse();
        _guard.Failure.ShouldBeNull();
    }

    [Fact]
    public void A_store_that_was_well_until_now_is_left_alone_just_as_soon()
    {
        _answer = AppendResult.Committed;
        for (var i = 0; i < 100; i++)
        {
            _guard.Append(new AppendGroup());
        }

        _answer = Locked();
        var started = _clock.GetUtcNow();
        for (var i = 0; i < 30 && _guard.Append(new AppendGroup()).Error!.Contains("database", StringComparison.Ordinal); i++)
        {
            if (_clock.GetUtcNow() - started > TimeSpan.FromSeconds(10))
            {
                break;
            }
        }

        var before = _attempts.Count;
        Fail();
        _attempts.Count.ShouldBe(before, "the circuit is open within seconds");
    }

    [Fact]
    public void A_failure_is_an_error_in_the_log_once_not_once_a_write()
    {
        for (var i = 0; i < 10; i++)
        {
            Fail();
            _clock.Advance(TimeSpan.FromSeconds(2));
        }

        _log.Errors.Single().ShouldContain("database is locked");
        _guard.Failure.ShouldBe("database is locked");
    }

    [Fact]
    public void Retries_are_said_once_an_outage_and_counted()
    {
        for (var i = 0; i < 10; i++)
        {
            Fail();
            _clock.Advance(TimeSpan.FromSeconds(2));
        }

        _log.Warnings.Single().ShouldContain("is tried again");
        _guard.Retries.ShouldBeGreaterThan(10);

        _answer = AppendResult.Committed;
        _guard.Append(new AppendGroup());
        _clock.Advance(TimeSpan.FromSeconds(10));
        _guard.Append(new AppendGroup());
        _answer = Locked();
        Fail();
        _log.Warnings.Count.ShouldBe(2, "another outage");
    }

    [Fact]
    public void A_store_that_stumbles_at_every_write_says_so_once()
    {
        var attempts = 0;
        _store.Rule = _ => attempts++ % 2 == 0 ? Locked() : AppendResult.Committed;

        for (var i = 0; i < 20; i++)
        {
            _guard.Append(new AppendGroup()).Status.ShouldBe(AppendStatus.Committed);
        }

        _log.Warnings.Count.ShouldBe(1);
        _log.Errors.ShouldBeEmpty();
    }

    [Fact]
    public void An_unforeseen_error_that_passes_is_tried_again()
    {
        var attempts = 0;
        _store.Rule = _ => ++attempts < 3 ? throw new InsufficientMemoryException() : AppendResult.Committed;

        _guard.Append(Group(1)).Status.ShouldBe(AppendStatus.Committed);

        attempts.ShouldBe(3);
        _log.Errors.ShouldBeEmpty();
    }

    [Fact]
    public void An_unforeseen_error_of_several_requests_makes_them_be_stored_one_by_one()
    {
        _store.Rule = static batches => batches.Count > 1 ? throw new InsufficientMemoryException() : AppendResult.Committed;

        _guard.Append(Group(2)).Status.ShouldBe(AppendStatus.Permanent, "so the writer takes them apart");

        _guard.Append(Group(1)).Status.ShouldBe(AppendStatus.Committed);
    }

    [Fact]
    public void A_request_that_always_breaks_the_store_is_given_up_in_its_third_round_and_no_sooner()
    {
        _store.Rule = static batches => batches.Count > 0 ? throw new InvalidOperationException("a bug") : AppendResult.Committed;
        var broken = Group(1);

        Rounds(broken, 3).ShouldBe([AppendStatus.Transient, AppendStatus.Transient, AppendStatus.Permanent]);

        Rounds(Group(1), 1).ShouldBe([AppendStatus.Transient], "another one has its own rounds");
    }

    [Fact]
    public void A_store_that_is_broken_for_all_costs_no_request()
    {
        _store.Rule = static _ => throw new InvalidOperationException("a bug");

        Rounds(Group(1), 10).ShouldAllBe(static status => status == AppendStatus.Transient);
        _guard.IsFailing.ShouldBeTrue();
    }

    [Fact]
    public void Each_attempt_is_measured_with_its_result_and_without_the_pauses()
    {
        using var exporter = new PrometheusExporter(_metrics.Meter);
        exporter.Start();
        var attempts = 0;
        _store.Rule = _ => ++attempts < 3 ? Locked() : AppendResult.Committed;

        _guard.Append(new AppendGroup());

        var samples = PrometheusText.Parse(exporter.Write());
        samples.ValueOf("collector_commit_duration_seconds_count", "result=\"transient\"").ShouldBe(2);
        samples.ValueOf("collector_commit_duration_seconds_count", "result=\"committed\"").ShouldBe(1);
        samples.ValueOf("collector_commit_duration_seconds_sum", "result=\"committed\"").ShouldBe(0);
    }

    public void Dispose() => _metrics.Dispose();

    private static AppendGroup Group(int requests)
    {
        var group = new AppendGroup();
        group.Batches.AddRange(Enumerable.Range(0, requests).Select(static _ => Batches.Of(1)));
        return group;
    }

    private AppendStatus[] Rounds(AppendGroup group, int rounds) =>
    [
        .. Enumerable.Range(0, rounds).Select(_ =>
        {
            // Past the breaker's pause, as the spool's replay is.
            _clock.Advance(TimeSpan.FromSeconds(10));
            return _guard.Append(group).Status;
        }),
    ];

    private static AppendResult Locked() => new(AppendStatus.Transient, "database is locked");

    private void Fail()
    {
        _guard.Append(new AppendGroup()).Status.ShouldBe(AppendStatus.Transient);
        _guard.IsFailing.ShouldBeTrue();
    }
}
