using System.Text.Json;
using System.Text.RegularExpressions;
using Collector.Commands;
using Collector.Model;
using Collector.Receive.Otlp;
using Collector.Receive.Request;

namespace Collector.Tests.Receive.Otlp;

public sealed partial class FixtureTests
{
    public static TheoryData<string> All => [.. Fixture.Names];

    [Theory]
    [MemberData(nameof(All))]
    public void Captured_request_gives_a_row_for_each_record_and_each_exception(string name)
    {
        var fixture = Fixture.Load(name);
        var decoded = fixture.Decode();
        decoded.Result.ShouldBe(new DecodeResult(DecodeStatus.Ok));
        if (fixture.Signal == OtlpSignal.Logs)
        {
            decoded.Rows.Length.ShouldBe(fixture.Meta.GetProperty("logRecords").GetInt32());
            return;
        }

        decoded.Rows.Count(row => row.Kind != Kind.Exception)
            .ShouldBe(fixture.Meta.GetProperty("spans").GetInt32());
        var text = Directory.EnumerateFiles(Fixture.Folder, "*.json", SearchOption.AllDirectories)
            .Where(file => file.Contains(name + ".decoded", StringComparison.Ordinal)
                || file.Contains(name + ".body", StringComparison.Ordinal));
        using var file = JsonDocument.Parse(File.ReadAllText(text.Single()));
        decoded.Rows.Count(row => row.Kind == Kind.Exception).ShouldBe(Exceptions(file.RootElement));
    }

    // Events that are called so, or that have the attributes of one.
    private static int Exceptions(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object when json.TryGetProperty("timeUnixNano", out _) =>
            json.TryGetProperty("name", out var name) && name.GetString() == "exception"
                || (json.TryGetProperty("attributes", out var attributes) && attributes.EnumerateArray()
                    .Any(static a => a.GetProperty("key").GetString() is "exception.type" or "exception.message" or "exception.stacktrace" or "error.object"))
                ? 1 : 0,
        JsonValueKind.Object => json.EnumerateObject().Sum(static member => Exceptions(member.Value)),
        JsonValueKind.Array => json.EnumerateArray().Sum(Exceptions),
        _ => 0,
    };

    [Theory]
    [InlineData("js/logs-100-grpc.1", "js/logs-100-json.1")]
    [InlineData("js/logs-100-grpc.1", "js/logs-100-proto-gzip.1")]
    [InlineData("js/logs-grpc.1", "js/logs-proto.1")]
    [InlineData("js/traces-grpc.1", "js/traces-json.1")]
    [InlineData("js/traces-proto.1", "js/traces-json-gzip.1")]
    [InlineData("dotnet/logs-grpc.1", "dotnet/logs-proto-gzip.1")]
    [InlineData("dotnet/traces-grpc.1", "dotnet/traces-proto-gzip.1")]
    public void Same_work_gives_the_same_rows_over_either_transport(string left, string right) =>
        Masked(Describe(left)).ShouldBe(Masked(Describe(right)));

    [Theory]
    [InlineData("otelcol/logs-http-deflate.1")]
    [InlineData("otelcol/logs-http-snappy.1")]
    [InlineData("otelcol/logs-http-lz4.1")]
    public void Whatever_a_forwarder_compresses_with_the_same_lines_give_the_same_messages(string name) =>
        Messages(name).ShouldBe(Messages("otelcol/logs-grpc-zstd.1"), ignoreOrder: true);

    [Theory]
    [InlineData("dotnet/logs-grpc.1")]
    [InlineData("dotnet/logs-noformat-proto.1")]
    [InlineData("dotnet/traces-grpc.1")]
    [InlineData("js/logs-grpc.1")]
    [InlineData("js/traces-json.1")]
    public void Rows_of_a_capture_are_as_approved(string name) =>
        Run().Replace(Uuid().Replace(Describe(name), "UUID"), "$1…").ShouldMatchApproved(options => options
            .WithFilenameGenerator((_, _, type, extension) =>
                $"{name.Replace('/', '.')}.{type}.{extension}")
            .WithFileExtension("txt").SubFolder("Approved"));

    [Fact]
    public void One_decoder_serves_many_threads_at_once()
    {
        const string name = "dotnet/traces-grpc.1";
        var expected = Describe(name);
        var different = 0;
        Parallel.For(0, 200, _ =>
        {
            if (Describe(name) != expected)
            {
                Interlocked.Increment(ref different);
            }
        });
        different.ShouldBe(0);
    }

    private static string[] Messages(string name) => [.. Fixture.Load(name).Decode().Rows.Select(static row => row.Message)];

    private static string Describe(string name) => RowText.Of(Fixture.Load(name).Decode().Rows);

    // What differs from one run of a client to the next becomes a word. Captures took place on 2026-11-22 before eight;
    // the times that a client was given are hours later and fixed.
    private static string Masked(string text)
    {
        text = Uuid().Replace(text, "UUID");
        text = CaptureTime().Replace(text, "TIME");
        text = WallTime().Replace(text, "wall=MS");
        var ids = new Dictionary<string, string>(StringComparer.Ordinal);
        return Id().Replace(text, match =>
            ids.TryGetValue(match.Value, out var known) ? known : ids[match.Value] = $"ID{ids.Count}");
    }

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")]
    private static partial Regex Uuid();

    [GeneratedRegex(@"2026-11-22T0[67]:\d\d:\d\d\.\d{9}Z")]
    private static partial Regex CaptureTime();

    [GeneratedRegex(@"wall=0\.\d+")]
    private static partial Regex WallTime();

    [GeneratedRegex("(?<=[=\"])([0-9a-f]{32}|[0-9a-f]{16})(?=[ \"\n])")]
    private static partial Regex Id();

    [GeneratedRegex(@"(.)\1{49,}")]
    private static partial Regex Run();
}
