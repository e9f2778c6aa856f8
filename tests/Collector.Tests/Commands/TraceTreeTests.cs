using System.Globalization;
using System.Text.Json;
using Collector.Commands;

namespace Collector.Tests.Commands;

public sealed class TraceTreeTests
{
    [Fact]
    public void Spans_stand_below_their_parents_and_what_they_logged_below_them()
    {
        Tree(
            Span("a", null, "GET /orders", kind: "request", wall: 1250),
            Span("b", "a", "SELECT", level: "error"),
            Log("b", "no table", "error"),
            Span("c", "a", "render"),
            Log("c", "slow", "warn"),
            Log(null, "from elsewhere"),
            Span("e", "missing", "orphan")).ShouldBe("""
            +0.0 ms w request GET /orders (1.25 s)
            ├─ +1.0 ms w ERROR span SELECT
            │  └─ +2.0 ms w ERROR no table
            └─ +3.0 ms w span render
               └─ +4.0 ms w WARN slow
            +5.0 ms w from elsewhere
            +6.0 ms w span orphan
            """);
    }

    [Fact]
    public void Circles_repeats_and_strangers_cost_no_row()
    {
        var lines = Tree(Span("a", "b", "one"), Span("b", "a", "two"), Span("c", "c", "own parent"), Span("a", null, "again"), Log("a", "below the first"));

        foreach (var message in new[] { "one", "two", "own parent", "again", "below the first" })
        {
            lines.Split(message).Length.ShouldBe(2, lines);
        }
    }

    [Fact]
    public void A_chain_of_ten_thousand_spans_has_ten_thousand_short_lines()
    {
        var rows = Enumerable.Range(0, 10_000).Select(static i => Span($"s{i}", i == 0 ? null : $"s{i - 1}", "deep")).ToArray();

        var lines = Tree(rows).Split('\n');

        lines.Length.ShouldBe(10_000);
        lines.Max(static line => line.Length).ShouldBeLessThan(120);
    }

    [Fact]
    public void What_a_row_says_is_no_command_to_the_terminal() =>
        Tree(Span("a", null, "\u001b[2J\nforged")).ShouldBe(@"+0.0 ms w span \x1b[2J\nforged");

    private static string Tree(params Func<int, string>[] rows)
    {
        var parsed = rows.Select(static (row, i) => JsonDocument.Parse(row(i)).RootElement);
        return string.Join('\n', new TraceTree(parsed, "2026-11-23T12:00:00.000000000Z", new Ansi(IsOn: false)).Lines());
    }

    private static Func<int, string> Span(string id, string? parent, string message, string kind = "span", string level = "info", double? wall = null) =>
        at => Row(at, kind, level, message, id, parent, wall);

    private static Func<int, string> Log(string? span, string message, string level = "info") =>
        at => Row(at, "log", level, message, span, null, null);

    // A millisecond after the one before.
    private static string Row(int at, string kind, string level, string message, string? span, string? parent, double? wall) =>
        JsonSerializer.Serialize(new Dictionary<string, object?>
        {
            ["worker_name"] = "w",
            ["kind"] = kind,
            ["log_level"] = level,
            ["message"] = message,
            ["trace_id"] = "t",
            ["span_id"] = span,
            ["parent_span_id"] = parent,
            ["wall_time_ms"] = wall,
            ["timestamp"] = new DateTime(2026, 11, 23, 12, 0, 0).AddMilliseconds(at).ToString("yyyy-MM-ddTHH:mm:ss.fff000000Z", CultureInfo.InvariantCulture),
        });
}
