using System.Text.Json.Serialization;

namespace Collector.Benchmarks.Load;

/// <summary>What the load process says, one line of JSON for each stretch and one for the whole.</summary>
/// <param name="IsTotal">It is of the whole run, and the last.</param>
/// <param name="Rows">Acknowledged.</param>
/// <param name="Seconds">That it took.</param>
/// <param name="Requests">Acknowledged.</param>
/// <param name="Refusals">Answers that said to retry; each was retried.</param>
/// <param name="P50">Of the time from the moment a request was due to its acknowledgement, in milliseconds.</param>
/// <param name="P99">The same.</param>
/// <param name="P999">The same.</param>
/// <param name="Max">The same.</param>
/// <param name="CpuSeconds">Of the load process itself, since its start.</param>
internal sealed record LoadReport(
    bool IsTotal, long Rows, double Seconds, int Requests, long Refusals, double P50, double P99, double P999, double Max, double CpuSeconds)
{
    [JsonIgnore]
    public double RowsPerSecond => Rows / Seconds;
}

[JsonSerializable(typeof(LoadReport))]
internal sealed partial class LoadJson : JsonSerializerContext;
