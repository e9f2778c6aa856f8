using System.Globalization;
using System.Text.RegularExpressions;

namespace Collector.Tests.Support;

/// <summary>One line of figures.</summary>
internal sealed record Sample(string Family, string Type, string Name, string Labels, double Value);

/// <summary>Reads the text format 0.0.4 strictly: whatever Prometheus might stumble over fails the test.</summary>
internal static partial class PrometheusText
{
    public static List<Sample> Parse(string text)
    {
        text.ShouldEndWith("\n");
        var samples = new List<Sample>();
        var families = new HashSet<string>();
        var (family, type) = ("", "");
        var lines = text[..^1].Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            if (HelpLine().Match(lines[i]) is { Success: true } help)
            {
                family = help.Groups["name"].Value;
                families.Add(family).ShouldBeTrue($"{family} comes twice");
                var typed = TypeLine().Match(lines[++i]);
                typed.Success.ShouldBeTrue(lines[i]);
                typed.Groups["name"].Value.ShouldBe(family);
                type = typed.Groups["type"].Value;
                continue;
            }

            samples.Add(ReadSample(lines[i], family, type));
        }

        samples.Select(sample => (sample.Name, sample.Labels)).ShouldBeUnique();
        CheckHistograms(samples);
        return samples;
    }

    public static double ValueOf(this IEnumerable<Sample> samples, string name, string labels = "") =>
        samples.SingleOrDefault(sample => sample.Name == name && sample.Labels == labels)?.Value ?? double.NaN;

    private static Sample ReadSample(string line, string family, string type)
    {
        var match = SampleLine().Match(line);
        match.Success.ShouldBeTrue($"no sample: {line}");
        var name = match.Groups["name"].Value;
        string[] endings = type == "histogram" ? ["_bucket", "_sum", "_count"] : [""];
        endings.Select(ending => family + ending).ShouldContain(name);
        name.EndsWith("_total", StringComparison.Ordinal).ShouldBe(type == "counter", line);
        var value = double.Parse(match.Groups["value"].Value, NumberStyles.Float, CultureInfo.InvariantCulture);
        if (type != "gauge")
        {
            value.ShouldBeGreaterThanOrEqualTo(0, line);
        }

        return new Sample(family, type, name, match.Groups["labels"].Value, value);
    }

    private static void CheckHistograms(List<Sample> samples)
    {
        foreach (var series in samples.Where(s => s.Name.EndsWith("_bucket", StringComparison.Ordinal)).GroupBy(s => (s.Family, LeLabel().Replace(s.Labels, ""))))
        {
            var (family, labels) = series.Key;
            var bounds = series.Select(s => LeLabel().Match(s.Labels).Groups["le"].Value).ToArray();
            bounds[^1].ShouldBe("+Inf");
            bounds[..^1].Select(bound => double.Parse(bound, CultureInfo.InvariantCulture)).ShouldBeInOrder();
            series.Select(s => s.Value).ShouldBeInOrder();
            series.Last().Value.ShouldBe(samples.ValueOf(family + "_count", labels));
            double.IsNaN(samples.ValueOf(family + "_sum", labels)).ShouldBeFalse();
        }
    }

    [GeneratedRegex(@"^# HELP (?<name>[a-z_:][a-z0-9_:]*) (\\\\|\\n|[^\\\n])+$")]
    private static partial Regex HelpLine();

    [GeneratedRegex("^# TYPE (?<name>[a-z_:][a-z0-9_:]*) (?<type>counter|gauge|histogram)$")]
    private static partial Regex TypeLine();

    [GeneratedRegex("""^(?<name>[a-z_:][a-z0-9_:]*)(\{(?<labels>([a-z_]+="(\\\\|\\"|\\n|[^"\\\n])*",?)+)(?<!,)\})? (?<value>[+-]?[0-9.]+(E[+-]?[0-9]+)?)$""")]
    private static partial Regex SampleLine();

    [GeneratedRegex(",?le=\"(?<le>[^\"]+)\"")]
    private static partial Regex LeLabel();
}
