using System.Text.Json;
using Collector.Model;

namespace Collector.Commands;

/// <summary>Rows as lines for a person, or as the API gave them, one object a line.</summary>
internal sealed class RowPrinter(CommandContext context, bool asJson, bool withContext)
{
    private readonly LogText _text = new(context.Output.Ansi, withContext);

    public void Print(JsonElement row) => context.Output.Text.WriteLine(asJson ? OneLine(row) : _text.Line(row));

    /// <summary>Losses go to standard error, since they are not rows.</summary>
    public void PrintGaps(JsonElement answer)
    {
        foreach (var gap in answer.Items("gaps"))
        {
            context.Errors.WriteLine(VisibleText.Of(
                $"gap: {WhatIsMissing(gap)} between {gap.Text("from")} and {gap.Text("to")} ({gap.Text("reason")})"));
        }
    }

    private static string WhatIsMissing(JsonElement gap)
    {
        var whose = gap.Text("worker_name") == Gap.Everybody ? "any worker" : gap.Text("worker_name");
        return gap.Text("reason") == Gap.NotRunning ? "Collector was not running"
            : gap.Count("count") == 0 ? $"rows of {whose} may be missing"
            : $"{gap.Count("count")} rows of {whose} were lost";
    }

    // Collector's JSON is on one line already; in a terminal everything that it might obey is escaped.
    private string OneLine(JsonElement row) =>
        context.Output.IsTerminal ? JsonSerializer.Serialize(row, TerminalJson.Default.JsonElement) : row.GetRawText();
}

[System.Text.Json.Serialization.JsonSerializable(typeof(JsonElement))]
internal sealed partial class TerminalJson : System.Text.Json.Serialization.JsonSerializerContext;
