using System.Globalization;
using Collector.Model;
using Collector.Query;
using Microsoft.AspNetCore.Http;

namespace Collector.Tests.Query;

/// <summary>What every parameter takes, value by value.</summary>
public sealed class ParameterReaderTests
{
    private static readonly DateTimeOffset _now = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("", 100)]
    [InlineData("limit=1", 1)]
    [InlineData("limit=1000", 1000)]
    [InlineData("limit=0", null)]
    [InlineData("limit=1001", null)]
    [InlineData("limit=-1", null)]
    [InlineData("limit=%2B1", null)]
    [InlineData("limit=1.0", null)]
    [InlineData("limit=", null)]
    [InlineData("limit=99999999999999999999", null)]
    [InlineData("limit=1&limit=1", null)]
    public void A_number_is_whole_and_within_its_bounds(string query, int? expected) =>
        Check(query, static read => read.Number("limit", 100, 1, 1000), expected);

    [Theory]
    [InlineData("", 0)]
    [InlineData("level=debug", 0)]
    [InlineData("level=error", 3)]
    [InlineData("level=ERROR", null)]
    [InlineData("level=fatal", null)]
    [InlineData("level=1", null)]
    public void A_level_is_one_of_four_words(string query, int? expected) =>
        Check(query, static read => (int)read.Level("level"), expected);

    [Theory]
    [InlineData("kind=log", "Log")]
    [InlineData("kind=span", "Span")]
    [InlineData("kind=Span", null)]
    [InlineData("kind=", null)]
    public void A_kind_is_one_of_four_words(string query, string? expected) =>
        Check(query, static read => read.Kind("kind").ToString(), expected);

    [Theory]
    [InlineData("trace_id=0af7651916cd43dd8448eb211c80319c", "0af7651916cd43dd8448eb211c80319c")]
    [InlineData("trace_id=0AF7651916CD43DD8448EB211C80319C", "0af7651916cd43dd8448eb211c80319c")]
    [InlineData("trace_id=0af7651916cd43dd8448eb211c80319", null)]
    [InlineData("trace_id=0af7651916cd43dd8448eb211c80319g", null)]
    public void A_trace_id_is_32_hexadecimal_digits(string query, string? expected) =>
        Check(query, static read => read.TraceId("trace_id"), expected);

    [Theory]
    [InlineData("from=2026-11-23T11:00:00Z", "2026-11-23T11:00:00.000000000Z")]
    [InlineData("from=2026-11-23T12:00:00.123456789%2B01:00", "2026-11-23T11:00:00.123456789Z")]
    [InlineData("from=1h", "2026-11-23T11:00:00.000000000Z")]
    [InlineData("from=90s", "2026-11-23T11:58:30.000000000Z")]
    [InlineData("from=7d", "2026-11-16T12:00:00.000000000Z")]
    [InlineData("from=1w", null)]
    [InlineData("from=-1h", null)]
    [InlineData("from=11:00", null)]
    [InlineData("from=99999999999d", null)]
    public void A_time_is_a_moment_or_a_span_back_from_now(string query, string? expected) =>
        Check(query, static read => Timestamps.ToText(read.Time("from", 0)), expected);

    [Theory]
    [InlineData("", "2026-11-23T11:00:00.000000000Z 2026-11-23T12:00:00.000000000Z")]
    [InlineData("from=2h&to=1h", "2026-11-23T10:00:00.000000000Z 2026-11-23T11:00:00.000000000Z")]
    [InlineData("from=1h&to=2h", null)]
    [InlineData("from=1h&to=1h", null)]
    [InlineData("to=2h", null)]
    public void A_range_ends_after_it_begins(string query, string? expected) => Check(
        query,
        static read =>
        {
            var (from, to) = read.Range(TimeSpan.FromHours(1));
            return $"{Timestamps.ToText(from)} {Timestamps.ToText(to)}";
        },
        expected);

    [Theory]
    [InlineData("step=1s", 1_000_000_000L)]
    [InlineData("step=1d", 86_400_000_000_000L)]
    [InlineData("step=24h", 86_400_000_000_000L)]
    [InlineData("step=25h", null)]
    [InlineData("step=0s", null)]
    [InlineData("step=1", null)]
    public void A_step_is_a_second_to_a_day(string query, long? expected) =>
        Check(query, static read => (long)(read.Step("step") ?? 0), expected);

    [Theory]
    [InlineData("wall_time_ms=5", "Equal 5")]
    [InlineData("wall_time_ms>=5", "GreaterOrEqual 5")]
    [InlineData("wall_time_ms>5", "Greater 5")]
    [InlineData("wall_time_ms<5.5", "Less 5.5")]
    [InlineData("wall_time_ms%3C=5e2", "LessOrEqual 500")]
    [InlineData("wall_time_ms>=1&wall_time_ms<2", "GreaterOrEqual 1, Less 2")]
    [InlineData("wall_time_ms=soon", null)]
    [InlineData("wall_time_ms>=", null)]
    [InlineData("wall_time_ms=1e999", null)]
    public void Conditions_on_a_number_need_a_number(string query, string? expected) => Check(
        query,
        static read => string.Join(", ", read.Numbers("wall_time_ms").Select(static one =>
            string.Create(CultureInfo.InvariantCulture, $"{one.Comparison} {one.Number}"))),
        expected);

    [Theory]
    [InlineData("attr.zone=north", "zone Equal north")]
    [InlineData("attr.zone=", "zone Equal ")]
    [InlineData("attr.a=b=c", "a Equal b=c")]
    [InlineData("attr.size>5", "size Greater 5")]
    [InlineData("attr.size>=5", "size GreaterOrEqual 5")]
    [InlineData("attr.http.route=/a", "http.route Equal /a")]
    [InlineData("attr.size>=big", null)]
    [InlineData("attr.=1", null)]
    public void Conditions_on_attributes_compare_text_or_numbers(string query, string? expected) => Check(
        query,
        static read => string.Join(", ", read.Attributes("attr.").Select(static one => $"{one.Name} {one.Comparison} {one.Value}")),
        expected);

    [Theory]
    [InlineData("last_event_id=3-1204", null, "3-1204")]
    [InlineData("", "3-1204", "3-1204")]
    [InlineData("last_event_id=3-1", "3-1204", "3-1")]
    [InlineData("last_event_id=3", null, null)]
    [InlineData("last_event_id=-1", null, null)]
    [InlineData("last_event_id=3-x", null, null)]
    public void A_live_events_id_comes_as_a_parameter_or_as_a_header(string query, string? header, string? expected)
    {
        var request = RequestOf(query);
        request.Headers["Last-Event-ID"] = header;
        Check(request, static read => read.Arrival("last_event_id", "Last-Event-ID") is { } at ? $"{at.Segment}-{at.Row}" : "", expected);
    }

    [Fact]
    public void The_first_mistake_is_told_and_an_unknown_parameter_is_one()
    {
        var read = new ParameterReader(RequestOf("limit=0&level=loud&nobody=1").ShouldNotBeNull(), _now);
        read.Number("limit", 100, 1, 1000);
        read.Level("level");
        read.RejectUnknown();
        read.Problem.ShouldNotBeNull().Parameter.ShouldBe("limit");

        var unknown = new ParameterReader(RequestOf("nobody=1"), _now);
        unknown.Number("limit", 100, 1, 1000);
        unknown.RejectUnknown();
        unknown.Problem.ShouldNotBeNull().Parameter.ShouldBe("nobody");
        unknown.Problem.Detail.ShouldContain("legal are limit");
    }

    [Fact]
    public void The_filter_of_a_question_without_parameters_lets_everything_pass()
    {
        var read = new ParameterReader(RequestOf(""), _now);
        var query = FilterReader.Read(read);
        read.Problem.ShouldBeNull();
        query.IsSame(new RowFilter()).ShouldBeTrue();
    }

    [Fact]
    public void The_filter_has_each_of_its_parameters()
    {
        const string Query =
            "correlation_id=c&trace_id=0af7651916cd43dd8448eb211c80319c&request_id=r&worker=w&level=warn&kind=request&outcome=ok"
            + "&from=2h&to=1h&q=needle&wall_time_ms>=5&attr.a=b";
        var read = new ParameterReader(RequestOf(Query), _now);
        var query = FilterReader.Read(read);
        read.RejectUnknown();
        read.Problem.ShouldBeNull();
        (query.CorrelationId, query.TraceId, query.RequestId, query.Worker, query.MinLevel, query.Kind, query.Outcome, query.Text)
            .ShouldBe(("c", "0af7651916cd43dd8448eb211c80319c", "r", "w", Level.Warn, Kind.Request, "ok", "needle"));
        (query.From, query.To).ShouldBe((Timestamps.ToNanos(_now.AddHours(-2)), Timestamps.ToNanos(_now.AddHours(-1))));
        (query.WallTime.Count, query.Attributes.Count).ShouldBe((1, 1));
    }

    private static HttpRequest RequestOf(string query)
    {
        var context = new DefaultHttpContext();
        context.Request.QueryString = new QueryString(query.Length == 0 ? "" : "?" + query);
        return context.Request;
    }

    // Null: the value is a mistake.
    private static void Check<T>(string query, Func<ParameterReader, T> read, object? expected) => Check(RequestOf(query), read, expected);

    private static void Check<T>(HttpRequest request, Func<ParameterReader, T> read, object? expected)
    {
        var parameters = new ParameterReader(request, _now);
        var value = read(parameters);
        if (expected is null)
        {
            parameters.Problem.ShouldNotBeNull().Detail.ShouldContain("legal is");
        }
        else
        {
            parameters.Problem.ShouldBeNull();
            ((object?)value).ShouldBe(expected);
        }
    }
}
