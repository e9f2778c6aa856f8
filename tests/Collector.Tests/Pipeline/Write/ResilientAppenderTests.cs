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

    private static AppendResult Locked() => new(AppendStatus.Transient, "database is locked");

    private void Fail()
    {
        _guard.Append(new AppendGroup()).Status.ShouldBe(AppendStatus.Transient);
        _guard.IsFailing.ShouldBeTrue();
    }
}
