namespace Collector.Commands;

/// <summary>Colours, where a person sees them and has not asked for none (NO_COLOR, TERM=dumb).</summary>
internal readonly record struct Ansi(bool IsOn)
{
    public string Red(string text) => Coloured("31", text);

    public string Yellow(string text) => Coloured("33", text);

    public string Green(string text) => Coloured("32", text);

    public string Cyan(string text) => Coloured("36", text);

    public string Dim(string text) => Coloured("2", text);

    public string Bold(string text) => Coloured("1", text);

    /// <summary>In the colour of a log level.</summary>
    public string Level(string level, string text) => level switch
    {
        "error" => Red(text),
        "warn" => Yellow(text),
        "debug" => Dim(text),
        _ => text,
    };

    public static Ansi For(bool isTerminal, Func<string, string?> environment) => new(
        isTerminal && string.IsNullOrEmpty(environment("NO_COLOR")) && environment("TERM") != "dumb");

    private string Coloured(string code, string text) => IsOn && text.Length > 0 ? $"\e[{code}m{text}\e[0m" : text;
}
