using Collector.Model;
using Collector.Receive.Otlp;
using Collector.Receive.Rows;

namespace Collector.Tests.Receive.Otlp;

/// <summary>A record whose time is far from its arrival is kept where it arrives, and says so.</summary>
public sealed class TimeFlagTests
{
    private const ulong Second = 1_000_000_000;
    private const ulong Day = 86_400 * Second;

    private static readonly MappingRules _week = new() { MaxAge = TimeSpan.FromDays(7) };

    [Theory]
    [InlineData(Decoded.Received, null)]
    [InlineData(Decoded.Received - (7 * Day), null)]
    [InlineData(Decoded.Received - (7 * Day) - 1, "timestamp: older than Retention:MaxAge on arrival")]
    [InlineData(1, "timestamp: older than Retention:MaxAge on arrival")]
    [InlineData(Decoded.Received + (60 * Second), null)]
    [InlineData(Decoded.Received + (60 * Second) + 1, "timestamp: more than a minute after its arrival")]
    [InlineData(Decoded.Received + Day, "timestamp: more than a minute after its arrival")]
    [InlineData(Decoded.Received + Day + 1, "timestamp: more than a day after its arrival")]
    [InlineData(Timestamps.Latest, "timestamp: more than a day after its arrival")]
    public void A_log_is_kept_with_its_time_and_flagged(ulong nanos, string? flag)
    {
        var decoded = Decoded.Of(OtlpSignal.Logs, Otel.Request(new Proto().Fixed64(1, nanos)), _week);
        decoded.Row.Timestamp.ShouldBe(Timestamps.ToText(nanos));
        decoded.Row.Notes.ShouldBe(flag is null ? [] : [flag]);
        (decoded.Late, decoded.Future).ShouldBe((flag?.Contains("older", StringComparison.Ordinal) == true ? 1 : 0,
            flag?.Contains("a day after", StringComparison.Ordinal) == true ? 1 : 0));
        decoded.OddValues.ShouldBe(0, "the value is kept as it came");
    }

    [Theory]
    [InlineData(Timestamps.Latest + 1)]
    [InlineData(ulong.MaxValue)]
    public void A_time_behind_the_reach_of_every_question_is_moved_into_it(ulong nanos)
    {
        string[] notes = [$"timestamp: {nanos} ns is out of range, stored as the latest time", "timestamp: more than a day after its arrival"];
        var log = Decoded.Of(OtlpSignal.Logs, Otel.Request(new Proto().Fixed64(1, nanos)), _week);
        log.Row.Timestamp.ShouldBe("2553-12-31T23:59:59.999999999Z");
        log.Row.Notes.ShouldBe(notes);
        (log.OddValues, log.Future).ShouldBe((1, 1));

        var exception = new Proto().Fixed64(1, nanos).Text(2, "exception");
        var span = Decoded.Of(OtlpSignal.Traces, Otel.Request(new Proto().Fixed64(7, nanos).Message(11, exception)), _week);
        span.Rows.Select(static row => row.Timestamp).ShouldBe(["2553-12-31T23:59:59.999999999Z", "2553-12-31T23:59:59.999999999Z"]);
        span.Rows[^1].Notes.ShouldBe(notes);
    }

    [Fact]
    public void The_latest_time_is_the_latest_that_a_parameter_can_say()
    {
        Timestamps.TryParse(Timestamps.ToText(Timestamps.Latest), out var nanos).ShouldBeTrue();
        nanos.ShouldBe(Timestamps.Latest);
        Timestamps.TryParse(Timestamps.ToText(Timestamps.Latest + 1), out _).ShouldBeFalse();
    }

    [Fact]
    public void A_span_and_its_exceptions_are_flagged_each()
    {
        var span = new Proto().Fixed64(7, 1).Message(11, new Proto().Fixed64(1, 2).Text(2, "exception"));
        var decoded = Decoded.Of(OtlpSignal.Traces, Otel.Request(span), _week);
        decoded.Rows.Select(static row => string.Join(';', row.Notes)).ShouldBe(Enumerable.Repeat("timestamp: older than Retention:MaxAge on arrival", 2));
        decoded.Late.ShouldBe(2);
    }

    [Fact]
    public void A_record_without_a_time_has_that_of_its_arrival_and_no_flag() =>
        Decoded.Of(OtlpSignal.Logs, Otel.Request(new Proto().Text(3, "INFO")), _week).Row.Notes.ShouldBeEmpty();
}
