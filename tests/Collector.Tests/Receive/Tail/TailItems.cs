using System.Text;
using Collector.Model;
using Collector.Receive.Request;
using Collector.Receive.Rows;
using Collector.Receive.Tail;
using Collector.Tests.Receive.Otlp;
using Collector.Tests.Support;

namespace Collector.Tests.Receive.Tail;

/// <summary>Bodies of tail calls: captured ones by name, and such as a test writes.</summary>
internal static class TailItems
{
    /// <summary>Milliseconds of the events that the tests write; the message arrives a second later.</summary>
    public const long Noon = (long)(Otel.Noon / 1_000_000);

    private static readonly string _folder = Repository.PathOf("tests", "fixtures", "cloudflare");

    public static IEnumerable<string> Names => Directory.EnumerateFiles(_folder, "*.json")
        .Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal);

    public static byte[] Read(string name) => File.ReadAllBytes(Path.Combine(_folder, name + ".json"));

    public static Decoded Decode(byte[] message, TailReport? report = null, MappingRules? rules = null)
    {
        using var batch = Decoded.Batch(message);
        var decoder = new TailDecoder(rules ?? new MappingRules(), new LogIdSequence());
        return Decoded.Read(decoder.Decode(batch, Unbounded.Instance, report ?? new TailReport()), batch);
    }

    public static Decoded Decode(string message, TailReport? report = null, MappingRules? rules = null) =>
        Decode(Encoding.UTF8.GetBytes(message), report, rules);

    /// <summary>Rows of one invocation: the request's first.</summary>
    /// <param name="members">Of the item, behind its time.</param>
    public static DecodedRow[] Rows(string members)
    {
        var decoded = Decode($$"""[{"eventTimestamp":{{Noon}},{{members}}}]""");
        decoded.Result.ShouldBe(new DecodeResult(DecodeStatus.Ok));
        return decoded.Rows;
    }

    /// <summary>The row of a console call.</summary>
    /// <param name="arguments">JSON, with commas between.</param>
    /// <param name="level">As the console says it.</param>
    public static DecodedRow Line(string arguments, string level = "log") =>
        Rows($$"""
            "logs":[{"message":[{{arguments}}],"level":"{{level}}","timestamp":{{Noon}}}]
            """)[1];
}
