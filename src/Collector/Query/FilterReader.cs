using Collector.Storage;

namespace Collector.Query;

/// <summary>The row filters that all questions for rows share.</summary>
internal static class FilterReader
{
    private const int MaxCharacters = 1024;

    /// <summary>Fills a question's filter; mistakes are noted at the reader.</summary>
    public static LogQuery Read(ParameterReader read) => new()
    {
        CorrelationId = read.Text("correlation_id", 256),
        TraceId = read.TraceId("trace_id"),
        RequestId = read.Text("request_id", MaxCharacters),
        Worker = read.Text("worker", MaxCharacters),
        MinLevel = read.Level("level"),
        Kind = read.Kind("kind"),
        Outcome = read.Text("outcome", MaxCharacters),
        From = read.Time("from", 0),
        To = read.Time("to", ulong.MaxValue),
        Text = read.Text("q", MaxCharacters),
        WallTime = read.Numbers("wall_time_ms"),
        Attributes = read.Attributes("attr."),
    };
}
