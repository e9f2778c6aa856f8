using Collector.Storage;

namespace Collector.Query;

/// <summary>The row filters that all questions for rows share.</summary>
internal static class FilterReader
{
    private const int MaxCharacters = 1024;

    /// <summary>Fills a question's filter; mistakes are noted at the reader.</summary>
    public static LogQuery Read(ParameterReader read)
    {
        var filter = Rows(read);
        var (from, to) = read.OpenRange();
        return filter with { From = from, To = to };
    }

    private static LogQuery Rows(ParameterReader read) => new()
    {
        CorrelationId = read.Text("correlation_id", 256),
        TraceId = read.TraceId("trace_id"),
        RequestId = read.Text("request_id", MaxCharacters),
        Worker = read.Text("worker", MaxCharacters),
        MinLevel = read.Level("level"),
        Kind = read.Kind("kind"),
        Outcome = read.Text("outcome", MaxCharacters),
        Text = read.Text("q", MaxCharacters),
        WallTime = read.Numbers("wall_time_ms"),
        Attributes = read.Attributes("attr."),
    };
}
