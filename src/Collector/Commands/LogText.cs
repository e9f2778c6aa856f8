using System.Globalization;
using System.Text.Json;
using Collector.Model;

namespace Collector.Commands;

/// <summary>A row as a line for a person.</summary>
internal sealed class LogText(Ansi ink, bool withContext)
{
    private const ulong NanosPerMinute = 60_000_000_000;

    /// <summary>Time to the millisecond, level, worker, kind where it is not a log, message, outcome and duration.</summary>
    public string Line(JsonElement row)
    {
        var level = row.Text("log_level") ?? "info";
        var line = string.Join(' ', new[]
        {
            ink.Dim(Time(row.Text("timestamp"))),
            ink.Level(level, Severity(row, level).ToUpperInvariant().PadRight(5)),
            ink.Cyan(VisibleText.Of(row.Text("worker_name") ?? "")),
            Description(row),
        }.Where(static part => part.Length > 0));
        return withContext ? line + Environment.NewLine + "    " + ink.Dim(ContextOf(row)) : line;
    }

    /// <summary>Kind where it is not a log, message, outcome and duration.</summary>
    public string Description(JsonElement row)
    {
        var kind = row.Text("kind") ?? "log";
        var level = row.Text("log_level") ?? "info";
        return string.Join(' ', new[]
        {
            kind == "log" ? "" : ink.Bold(VisibleText.Of(kind)),
            ink.Level(level, VisibleText.Of(row.Text("message") ?? "")),
            ink.Dim(Facts(row)),
        }.Where(static part => part.Length > 0));
    }

    /// <summary>Such as <c>250 ms</c> or <c>1.25 s</c>.</summary>
    public static string Duration(double milliseconds) => milliseconds switch
    {
        >= 10_000 => string.Create(CultureInfo.InvariantCulture, $"{milliseconds / 1000:0.0} s"),
        >= 1_000 => string.Create(CultureInfo.InvariantCulture, $"{milliseconds / 1000:0.00} s"),
        >= 10 => string.Create(CultureInfo.InvariantCulture, $"{milliseconds:0} ms"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{milliseconds:0.0##} ms"),
    };

    // What the four levels don't tell apart.
    private static string Severity(JsonElement row, string level)
    {
        var context = row.Find("context");
        var number = context?.Number("severity_number") ?? 0;
        return number > 20 ? "fatal" : number is > 0 and < 5 ? "trace" : context?.Text("severity") ?? level;
    }

    // Its producer's clock is ahead: people look for it in vain among what happened just now.
    private static string? Ahead(JsonElement row) =>
        Timestamps.TryParse(row.Text("timestamp"), out var at) && Timestamps.TryParse(row.Text("created_at"), out var arrived)
        && at > arrived + NanosPerMinute
            ? $"dated {Duration((at - arrived) / 1e6)} after its arrival" : null;

    private static string Facts(JsonElement row)
    {
        string?[] facts =
        [
            row.Text("outcome") is { } outcome ? VisibleText.Of(outcome) : null,
            row.Number("wall_time_ms") is { } wall ? Duration(wall) : null,
            Ahead(row),
        ];
        var told = string.Join(", ", facts.Where(static fact => fact is not null));
        return told.Length == 0 ? "" : $"({told})";
    }

    private static string Time(string? timestamp) =>
        timestamp is { Length: 30 } ? timestamp[..23] + "Z" : VisibleText.Of(timestamp ?? "");

    private static string ContextOf(JsonElement row) =>
        VisibleText.Of((row.Find("context")?.GetRawText() ?? "{}") + " " + (row.Find("resource")?.GetRawText() ?? "{}"));
}
