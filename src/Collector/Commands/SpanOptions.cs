using System.CommandLine;
using System.CommandLine.Parsing;
using Collector.Model;
using Collector.Query;
using Collector.Storage.Folder;

namespace Collector.Commands;

/// <summary><c>--from</c> and <c>--to</c> of the commands that read the data folder.</summary>
internal sealed class SpanOptions
{
    private const string Legal =
        "an ISO-8601 time such as 2026-01-31T12:00:00Z, or a span back from now such as 15m, 2h or 7d";

    private readonly Option<ulong?> _from;
    private readonly Option<ulong?> _to;

    public SpanOptions(Command command, TimeProvider clock)
    {
        var now = clock.GetUtcNow();
        _from = Time("--from", $"First event time: {Legal}. Default: all.");
        _to = Time("--to", "First event time that is not wanted any more, in the same forms. Default: all.");
        command.Options.Add(_from);
        command.Options.Add(_to);
        Option<ulong?> Time(string name, string description) => new(name)
        {
            Description = description,
            HelpName = "TIME",
            CustomParser = argument => Parse(argument, now),
        };
    }

    /// <exception cref="UsageException">The range is empty.</exception>
    public TimeRange Of(ParseResult parsed)
    {
        var range = new TimeRange(parsed.GetValue(_from) ?? 0, parsed.GetValue(_to) ?? ulong.MaxValue);
        return range.From < range.To ? range : throw new UsageException("--from must be before --to.");
    }

    private static ulong? Parse(ArgumentResult argument, DateTimeOffset now)
    {
        var text = argument.Tokens.Single().Value;
        if (TimeSpans.TryParse(text, out var span))
        {
            return Timestamps.ToNanos(now - span);
        }

        if (Timestamps.TryParse(text, out var nanos))
        {
            return nanos;
        }

        argument.AddError($"{((OptionResult)argument.Parent!).Option.Name}: '{text}' is not legal; legal is {Legal}.");
        return null;
    }
}
