using System.CommandLine;

namespace Collector.Commands;

/// <summary>The filters of <c>/api/logs</c> as options. What is legal in them, the Collector that is asked says.</summary>
internal sealed class LogFilters
{
    private readonly List<(string Parameter, Option<string> Option)> _options = [];
    private readonly Option<string[]> _where;

    public LogFilters(Command command)
    {
        Add(command, "worker", "NAME", "Rows of this producer.");
        Add(command, "level", "LEVEL", "debug, info, warn or error: this or worse.");
        Add(command, "kind", "KIND", "log, exception, request or span.");
        Add(command, "outcome", "TEXT", "Such as ok, error, exceededCpu.");
        Add(command, "correlation-id", "ID", "Rows with exactly this correlation id; see also: collector trace.");
        Add(command, "trace-id", "ID", "Rows of this trace: 32 hexadecimal digits.");
        Add(command, "request-id", "ID", "Rows with the producer's own request id.");
        Add(command, "from", "TIME", "ISO-8601, or a span back from now such as 15m, 2h, 7d.");
        Add(command, "to", "TIME", "As --from; the end is exclusive.");
        Add(command, "q", "TEXT", "Text in the message or the context, in any case.");
        _where = new Option<string[]>("--where")
        {
            Description = "A comparison, such as 'wall_time_ms>=250' or 'attr.http.route=/orders'; "
                + "may be given several times.",
            HelpName = "COMPARISON",
        };
        command.Options.Add(_where);
    }

    /// <summary>As a query string without its question mark; parts of one name and value each.</summary>
    public IEnumerable<string> QueryOf(ParseResult parsed) => _options
        .Select(one => (one.Parameter, Value: parsed.GetValue(one.Option)))
        .Where(static one => one.Value is not null)
        .Select(static one => Part(one.Parameter, one.Value!))
        .Concat((parsed.GetValue(_where) ?? []).Select(Comparison));

    public static string Part(string name, string value) =>
        $"{Uri.EscapeDataString(name)}={Uri.EscapeDataString(value)}";

    // "a>=1" is the parameter "a>" of value "1", as in the query string of a URL; "a>1" has no equals sign at all.
    internal static string Comparison(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? Uri.EscapeDataString(text) : Part(text[..equals], text[(equals + 1)..]);
    }

    private void Add(Command command, string name, string help, string description)
    {
        var option = new Option<string>("--" + name) { Description = description, HelpName = help };
        _options.Add((name.Replace('-', '_'), option));
        command.Options.Add(option);
    }
}
