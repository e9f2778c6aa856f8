using System.Buffers;
using System.Buffers.Text;
using System.Collections.Frozen;
using System.Text;
using Collector.Model;

namespace Collector.Receive.Rows;

/// <summary>How bad a producer says that something is: OTLP's six ranges. The columns know four; the rest is told in the context.</summary>
internal enum Grade : byte
{
    /// <summary>It says nothing.</summary>
    None,
    Trace,
    Debug,
    Info,
    Warn,
    Error,
    Fatal,
}

/// <summary>
/// The words and numbers that loggers have for levels. Source: the log data model's appendix (opentelemetry.io/docs/specs/otel/logs)
/// and the loggers' own documentation.
/// </summary>
internal static class Severity
{
    /// <summary>Of OTLP.</summary>
    public const long Largest = 24;

    private const int LongestWord = 32;

    private static readonly FrozenDictionary<string, Grade> _words = Words(
        (Grade.Trace, "trace trc trce finest finer all silly verbose vrb t spam notset"),
        (Grade.Debug, "debug dbg dbug debu fine config conf d v diag diagnostic"),
        (Grade.Info, "info information informational inf notice note notic i n log ok success statement http audit default normal hint detail"),
        (Grade.Warn, "warn warning wrn warni w caution alarm"),
        (Grade.Error, "error err eror erro fail failure failed severe e exception"),
        (Grade.Fatal, "fatal ftl fatl f critical crit crt panic dpanic alert emergency emerg emerge c a off"));

    private static readonly FrozenDictionary<string, Grade>.AlternateLookup<ReadOnlySpan<char>> _byText =
        _words.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <param name="number">severity_number; beyond 24 is worse than the worst, below 1 says nothing.</param>
    public static Grade OfNumber(long number) => number switch
    {
        > 20 => Grade.Fatal,
        > 16 => Grade.Error,
        > 12 => Grade.Warn,
        > 8 => Grade.Info,
        > 4 => Grade.Debug,
        > 0 => Grade.Trace,
        _ => Grade.None,
    };

    /// <summary>A logger's number: pino's and bunyan's 10 to 60, monolog's 100 to 600, or syslog's 7 to 0.</summary>
    public static Grade OfLogger(double number) => number switch
    {
        >= 100 => OfLogger(number switch { >= 500 => 60, >= 400 => 50, >= 300 => 40, >= 200 => 30, _ => 20 }),
        >= 60 => Grade.Fatal,
        >= 50 => Grade.Error,
        >= 40 => Grade.Warn,
        >= 30 => Grade.Info,
        >= 20 => Grade.Debug,
        >= 10 => Grade.Trace,
        > 7 => Grade.None,
        > 6 => Grade.Debug,
        > 4 => Grade.Info,
        > 3 => Grade.Warn,
        > 2 => Grade.Error,
        >= 0 => Grade.Fatal,
        _ => Grade.None,
    };

    /// <summary>A word, in any case and with what loggers put around it, or a logger's number as text.</summary>
    public static Grade OfText(ReadOnlySpan<byte> text)
    {
        text = text.Trim(" \t\r\n[]<>()*|:\"'"u8);
        Span<char> word = stackalloc char[LongestWord];
        if (text.Length > LongestWord || Ascii.ToLower(text, word, out var length) != OperationStatus.Done || length == 0)
        {
            return Grade.None;
        }

        word = word[..length];
        if (_byText.TryGetValue(word, out var grade))
        {
            return grade;
        }

        if (Utf8Parser.TryParse(text, out double number, out var used) && used == text.Length)
        {
            return OfLogger(number);
        }

        return OfParts(word);
    }

    public static Level LevelOf(Grade grade, Level fallback) => grade switch
    {
        Grade.Trace or Grade.Debug => Level.Debug,
        Grade.Info => Level.Info,
        Grade.Warn => Level.Warn,
        Grade.Error or Grade.Fatal => Level.Error,
        _ => fallback,
    };

    // "WARN2" and "debug5" are steps within a level, slog's "DEBUG-4" and "ERROR+4" a whole one away from it;
    // "SEVERITY_NUMBER_INFO", "LogLevel.Warning" and "info/http" have the word at an end.
    private static Grade OfParts(ReadOnlySpan<char> word)
    {
        var end = word.LastIndexOfAnyExceptInRange('0', '9') + 1;
        var isStep = end < word.Length && end > 0;
        var isWholeStep = isStep && word[end..].Length < 3 && int.Parse(word[end..], null) >= 4;
        var sign = isStep ? word[end - 1] : ' ';
        word = isStep ? word[..(sign is '+' or '-' ? end - 1 : end)] : word;
        word = word[(word.LastIndexOfAny('.', '_') + 1)..];
        var slash = word.IndexOf('/');
        if (!_byText.TryGetValue(slash > 0 ? word[..slash] : word, out var grade))
        {
            return Grade.None;
        }

        return isWholeStep && sign == '+' && grade == Grade.Error ? Grade.Fatal
            : isWholeStep && sign == '-' && grade == Grade.Debug ? Grade.Trace
            : grade;
    }

    private static FrozenDictionary<string, Grade> Words(params (Grade Grade, string Words)[] grades) =>
        grades.SelectMany(static grade => grade.Words.Split(' ').Select(word => (word, grade.Grade))).ToFrozenDictionary(
            static pair => pair.word, static pair => pair.Grade, StringComparer.Ordinal);
}
