using Collector.Storage;

namespace Collector.Query;

/// <summary>The row filters that all questions for rows share.</summary>
internal static class FilterReader
{
    private const int MaxCharacters = 1024;

    /// <summary>Fills a question's filter; mistakes are noted at the reader.</summary>
    /// <param name="read">Of one question.</param>
    /// <param name="endsNow">As in <see cref="ParameterReader.OpenRange"/>.</param>
    public static LogQuery Read(ParameterReader read, bool endsNow = false)
    {
        var filter = Rows(read);
        var (from, to) = read.OpenRange(endsNow);
        return filter with { From = from, To = to, EndsNow = endsNow && to != ulong.MaxValue && read.IsSpan("from") && !read.IsGiven("to") };
    }

    private static LogQuery Rows(ParameterReader read) => new()
    {
        CorrelationId = read.Id("correlation_id", 256),
        TraceId = read.TraceId("trace_id"),
        RequestId = read.Id("request_id", MaxCharacters),
        Worker = read.Text("worker", MaxCharacters),
        MinLevel = read.Level("level"),
        Kind = read.Kind("kind"),
        Outcome = read.Text("outcome", MaxCharacters),
        Text = read.OptionalText("q", MaxCharacters),
        WallTime = read.Numbers("wall_time_ms"),
        Attributes = read.Attributes("attr."),
    };
}
