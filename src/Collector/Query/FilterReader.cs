using Collector.Storage;

namespace Collector.Query;

/// <summary>The row filters that all questions for rows share.</summary>
internal static class FilterReader
{
    private const int MostCharacters = 1024;

    /// <summary>Fills a question's filter; mistakes are noted at the reader.</summary>
    public static LogQuestion Read(ParameterReader read) => new()
    {
        CorrelationId = read.Text("correlation_id", 256),
        TraceId = read.TraceId("trace_id"),
        RequestId = read.Text("request_id", MostCharacters),
        Worker = read.Text("worker", MostCharacters),
        MinLevel = read.Level("level"),
        Kind = read.Kind("kind"),
        Outcome = read.Text("outcome", MostCharacters),
        From = read.Time("from", 0),
        To = read.Time("to", ulong.MaxValue),
        Text = read.Text("q", MostCharacters),
        WallTime = read.Numbers("wall_time_ms"),
        Attributes = read.Attributes("attr."),
    };
}
