using System.Text;
using System.Text.Json;
using Collector.Commands.Import;

namespace Collector.Tests.Commands.Import;

public sealed class ObjectCutterTests
{
    private static readonly JsonSerializerOptions _pretty = new() { WriteIndented = true };

    [Theory]
    [InlineData("{\"a\":1}\n{\"a\":2}\n")]
    [InlineData("{\"a\":1}{\"a\":2}")]
    [InlineData("[{\"a\":1},{\"a\":2}]")]
    [InlineData("[\n  {\n    \"a\": 1\n  },\n  {\n    \"a\": 2\n  }\n]\n")]
    [InlineData("\uFEFF{\r\n  \"a\": 1\r\n}\r\n{\r\n  \"a\": 2\r\n}\r\n")]
    [InlineData("{\n\"a\":\n1}\n\n\n{\"a\"\n:2\n}")]
    public void Objects_are_cut_out_however_they_are_written(string text) => ValuesOf(Cut(text)).ShouldBe([1, 2]);

    [Fact]
    public void Objects_of_wrangler_are_cut_at_any_place_of_a_chunk()
    {
        var items = Enumerable.Range(0, 3).Select(i => new
        {
            a = i,
            logs = new object[] { new { message = new[] { "{\"x\":\"\\\"}{\"}", "}{][\n\\" } }, new { } },
            @event = new { request = new { headers = new Dictionary<string, string> { ["x"] = "\\\\\"" } } },
        });
        var text = string.Concat(items.Select(item => JsonSerializer.Serialize(item, _pretty) + "\n"));
        for (var size = 1; size < 40; size++)
        {
            ValuesOf(Cut(text, size)).ShouldBe([0, 1, 2]);
        }
    }

    [Theory]
    [InlineData("Connected to shop, waiting for logs...\n{\"a\":1}\n", 1, "not a JSON object: Connected to shop")]
    [InlineData("{\"a\":1}\nnull\n", 2, "not a JSON object: null")]
    [InlineData("[7,{\"a\":1}]", 1, "not a JSON object: 7")]
    [InlineData("{\"a\":1}\n{\"x\":[", 2, "the input ends within it")]
    [InlineData("{\n  \"x\": {\n    \"y\": 5,\n{\"a\":1}", 1, "it is not closed where the next one begins")]
    [InlineData("{\n  \"x\": \"broken\n}\n{\"a\":1}", 1, "a string of line 2 is not closed")]
    [InlineData("{\"x\":\"broken\n{\"a\":1}\n", 1, "a string of line 1 is not closed")]
    public void What_is_no_object_is_named_with_its_line_and_costs_only_itself(string text, long line, string fault)
    {
        var cut = Cut(text);
        var bad = cut.Single(item => item.Fault is not null);
        bad.Line.ShouldBe(line);
        bad.Fault.ShouldStartWith(fault);
        ValuesOf(cut).ShouldBe([1]);
    }

    [Fact]
    public void Object_that_is_too_long_is_passed_over_and_the_next_one_counts()
    {
        var cutter = new ObjectCutter(maxBytes: 100);
        for (var i = 0; i < 1000; i++)
        {
            cutter.Add(i == 0 ? "{\"x\":\""u8 : "0123456789"u8);
        }

        cutter.Add("\"}\n{\"a\":1}\n"u8);
        cutter.TryTake(out var first).ShouldBeTrue();
        first.Fault.ShouldBe("it is longer than 100 bytes");
        cutter.TryTake(out var second).ShouldBeTrue();
        second.Line.ShouldBe(2);
        ValuesOf([second]).ShouldBe([1]);
    }

    [Fact]
    public void Any_bytes_can_be_cut()
    {
        var random = new Random(11);
        var letters = "{}[]\",:\\ \n\r\ta1é"u8.ToArray();
        for (var round = 0; round < 2_000; round++)
        {
            var bytes = new byte[random.Next(60)];
            for (var i = 0; i < bytes.Length; i++)
            {
                bytes[i] = letters[random.Next(letters.Length)];
            }

            Cut(bytes, 7).ShouldAllBe(item => item.Line >= 1 && (item.Fault != null || item.Bytes.Length > 1));
        }
    }

    private static List<CutObject> Cut(string text, int size = 4096) => Cut(Encoding.UTF8.GetBytes(text), size);

    private static List<CutObject> Cut(byte[] bytes, int size)
    {
        var cutter = new ObjectCutter(1 << 20);
        foreach (var chunk in bytes.Chunk(size))
        {
            cutter.Add(chunk);
        }

        cutter.End();
        var cut = new List<CutObject>();
        while (cutter.TryTake(out var item))
        {
            cut.Add(item);
        }

        return cut;
    }

    private static int[] ValuesOf(IEnumerable<CutObject> cut) =>
        [.. cut.Where(item => item.Fault is null).Select(item => JsonDocument.Parse(item.Bytes).RootElement.GetProperty("a").GetInt32())];
}
