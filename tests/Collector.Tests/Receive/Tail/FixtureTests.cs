using System.Text.Json;
using System.Text.RegularExpressions;
using Collector.Commands;
using Collector.Model;
using Collector.Receive.Request;
using Collector.Tests.Receive.Otlp;

namespace Collector.Tests.Receive.Tail;

public sealed partial class FixtureTests
{
    public static TheoryData<string> All => [.. TailItems.Names];

    [Theory]
    [MemberData(nameof(All))]
    public void Captured_call_gives_the_approved_rows(string name)
    {
        var decoded = TailItems.Decode(TailItems.Read(name));
        decoded.Result.ShouldBe(new DecodeResult(DecodeStatus.Ok));
        decoded.OddValues.ShouldBe(0);
        Run().Replace(Uuid().Replace(RowText.Of(decoded.Rows), "UUID"), "$1…").ShouldMatchApproved(options => options
            .WithFilenameGenerator((_, _, type, extension) => $"{name}.{type}.{extension}")
            .WithFileExtension("txt").SubFolder("Approved"));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Captured_call_gives_a_row_for_each_invocation_line_and_exception_under_one_correlation_id(string name)
    {
        var message = TailItems.Read(name);
        using var json = JsonDocument.Parse(message);
        var item = json.RootElement.EnumerateArray().ShouldHaveSingleItem();

        var rows = TailItems.Decode(message).Rows;

        rows.Count(row => row.Kind == Kind.Request).ShouldBe(1);
        // A line that holds an error is an exception too.
        var (lines, thrown) = (item.GetProperty("logs").GetArrayLength(), item.GetProperty("exceptions").GetArrayLength());
        rows.Count(row => row.Kind is Kind.Log or Kind.Exception).ShouldBe(lines + thrown);
        rows.Count(row => row.Kind == Kind.Exception).ShouldBeInRange(thrown, lines + thrown);
        rows.Select(row => row.CorrelationId).Distinct().Count().ShouldBe(1);
        rows.Select(row => row.Timestamp).ShouldBe(rows.Select(row => row.Timestamp).Order(StringComparer.Ordinal));
    }

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")]
    private static partial Regex Uuid();

    [GeneratedRegex(@"(.)\1{49,}")]
    private static partial Regex Run();
}
