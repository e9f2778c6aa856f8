using Collector.Model;

namespace Collector.Tests.Receive.Tail;

public sealed class ConsoleTests
{
    [Theory]
    [InlineData("\"plain\"", "plain")]
    [InlineData("\"a\",1,true,null,2.50", "a 1 true null 2.50")]
    [InlineData("\"x\",{\"a\":[1,\"b\"]}", "x {\"a\":[1,\"b\"]}")]
    [InlineData("\"%s has %d of %i and %f%%\",\"Ann\",3,4.7,0.5,\"rest\"", "Ann has 3 of 4 and 0.5% rest")]
    [InlineData("\"%c styled %o\",\"color:red\",{\"a\":1}", " styled {\"a\":1}")]
    [InlineData("\"100%\",1", "100% 1")]
    [InlineData("\"50%\\nof\",1", "50%\nof 1")]
    [InlineData("\"%s\"", "%s")]
    [InlineData("\"%s %s\",1", "1 %s")]
    [InlineData("\"%d\",\"x\"", "NaN")]
    [InlineData("\"%q\",1", "%q 1")]
    [InlineData("\"tab\\tquote\\\" \\u00e9\",\"\\ud83d\\ude00\"", "tab\tquote\" é 😀")]
    [InlineData("", "")]
    [InlineData("[1,2]", "[1,2]")]
    [InlineData("\"{not json}\"", "{not json}")]
    [InlineData("\"in\",{\"password\":\"p\",\"token\":\"t\"}", "in {\"password\":\"REDACTED\",\"token\":\"REDACTED\"}")]
    public void Arguments_become_the_line_that_the_console_shows(string arguments, string line) =>
        TailItems.Line(arguments).Message.ShouldBe(line);

    [Fact]
    public void Several_arguments_stay_in_the_context_as_they_were() =>
        TailItems.Line("""
            "a",{"b":[1,null]},"é"
            """).Json.GetProperty("arguments").GetRawText().ShouldBe("""["a",{"b":[1,null]},"é"]""");

    [Theory]
    [InlineData("debug", Level.Debug)]
    [InlineData("info", Level.Info)]
    [InlineData("log", Level.Info)]
    [InlineData("warn", Level.Warn)]
    [InlineData("error", Level.Error)]
    [InlineData("trace", Level.Debug)]
    [InlineData("new", Level.Info)]
    public void Level_is_the_consoles(string level, object expected) =>
        TailItems.Line("\"x\"", level).Level.ShouldBe(expected);

    [Theory]
    [InlineData("""{"level":"warn","message":"m","correlation_id":"c","context":{"n":1}}""")]
    [InlineData("""
        "{\"level\":\"warn\",\"message\":\"m\",\"correlation_id\":\"c\",\"context\":{\"n\":1}}"
        """)]
    public void Structured_line_is_recognised_as_object_and_as_text(string argument)
    {
        var row = TailItems.Line(argument);

        row.Message.ShouldBe("m");
        row.Level.ShouldBe(Level.Warn);
        row.CorrelationId.ShouldBe("c");
        row.Attributes.GetRawText().ShouldBe("""{"level":"warn","correlation_id":"c","context":{"n":1}}""");
    }

    [Fact]
    public void Structured_line_without_a_message_is_told_by_its_json()
    {
        var row = TailItems.Line("""
            "{\"order\":1,\"api_key\":\"s\"}"
            """);

        row.Message.ShouldBe("""{"order":1,"api_key":"REDACTED"}""");
        row.Attributes.GetRawText().ShouldBe("""{"order":1,"api_key":"REDACTED"}""");
    }

    [Fact]
    public void Structured_line_names_its_own_span()
    {
        var row = TailItems.Line("""
            {"message":"m","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7"}
            """);

        row.TraceId.ShouldBe("4bf92f3577b34da6a3ce929d0e0e4736");
        row.SpanId.ShouldBe("00f067aa0ba902b7");
    }

    [Fact]
    public void Unknown_members_and_the_original_level_are_kept()
    {
        var row = TailItems.Rows("""
            "logs":[{"message":["x"],"level":"log","timestamp":1795435200000,"errorInfo":{"stack":"s"},"new":1}]
            """)[1];

        row.Context.ShouldBe("""{"level":"log","errorInfo":{"stack":"s"},"new":1}""");
    }

    [Fact]
    public void Half_of_a_surrogate_pair_and_nul_are_replaced_and_noted()
    {
        var row = TailItems.Line("""
            "a\ud83d\u0000b"
            """);

        row.Message.ShouldBe("a\uFFFD\uFFFDb");
        row.Notes.ShouldHaveSingleItem();
    }

    [Fact]
    public void Deep_nesting_is_cut_and_noted()
    {
        var deep = string.Concat(Enumerable.Repeat("[", 5000)) + string.Concat(Enumerable.Repeat("]", 5000));

        var row = TailItems.Line($"\"x\",{deep}");

        row.Message.ShouldContain("(nested deeper than 64)");
        row.Notes.ShouldContain("arguments: nested deeper than 64, cut");
    }
}
