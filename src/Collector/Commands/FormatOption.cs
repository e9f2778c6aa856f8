using System.CommandLine;

namespace Collector.Commands;

/// <summary><c>--format</c>: one way to write for people in a terminal, another for programs in a pipe.</summary>
internal sealed class FormatOption
{
    private readonly Option<string> _option = new("--format");
    private readonly string _forPeople;
    private readonly string _forPrograms;

    public FormatOption(Command command, string forPeople, string forPrograms, params string[] others)
    {
        _forPeople = forPeople;
        _forPrograms = forPrograms;
        string[] legal = [forPeople, forPrograms, .. others];
        _option.Description = $"{string.Join(", ", legal)}. Default: {forPeople} in a terminal, otherwise {forPrograms}.";
        _option.AcceptOnlyFromAmong(legal);
        command.Options.Add(_option);
    }

    public string Of(ParseResult parsed, Output output) =>
        parsed.GetValue(_option) ?? (output.IsTerminal ? _forPeople : _forPrograms);

    /// <summary>The one for programs is wanted.</summary>
    public bool IsForPrograms(ParseResult parsed, Output output) => Of(parsed, output) == _forPrograms;
}
