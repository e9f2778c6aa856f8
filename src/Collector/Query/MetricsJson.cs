using System.Text.Json;
using Collector.Model;

namespace Collector.Query;

/// <summary>Writes figures as the API shows them.</summary>
internal static class MetricsJson
{
    /// <summary>All figures as members of the object that is open.</summary>
    public static void Write(Utf8JsonWriter json, MetricsPoint figures)
    {
        WriteCounts(json, figures);
        var latency = figures.Latency;
        json.WriteNumber("latency_count", latency?.Count ?? 0);
        WriteMilliseconds(json, "p50_ms", latency?.Percentile(0.5));
        WriteMilliseconds(json, "p90_ms", latency?.Percentile(0.9));
        WriteMilliseconds(json, "p95_ms", latency?.Percentile(0.95));
        WriteMilliseconds(json, "p99_ms", latency?.Percentile(0.99));
        WriteMilliseconds(json, "max_ms", latency?.Max);
        json.WriteNumber("cpu_ms", figures.CpuMs);
        json.WriteStartObject("levels");
        WriteLevels(json, figures);
        json.WriteEndObject();
    }

    public static void WriteCounts(Utf8JsonWriter json, MetricsPoint figures)
    {
        json.WriteNumber("count", figures.Count);
        json.WriteNumber("error_count", figures.Errors);
        json.WriteNumber("error_rate", figures.Count == 0 ? 0 : Math.Round(figures.Errors / (double)figures.Count, 6));
    }

    public static void WriteLevels(Utf8JsonWriter json, MetricsPoint figures)
    {
        for (var level = Level.Debug; level <= Level.Error; level++)
        {
            json.WriteNumber(Names.Of(level), figures[level]);
        }
    }

    public static void WriteMilliseconds(Utf8JsonWriter json, string name, double? milliseconds)
    {
        if (milliseconds is { } value)
        {
            json.WriteNumber(name, Math.Round(value, 6));
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
