namespace Collector.Model;

/// <summary>The words that stand in the columns <c>log_level</c> and <c>kind</c>.</summary>
internal static class Names
{
    private static readonly string[] _levels = ["debug", "info", "warn", "error"];
    private static readonly string[] _kinds = ["log", "exception", "request", "span"];

    public static IReadOnlyList<string> Levels => _levels;

    public static IReadOnlyList<string> Kinds => _kinds;

    public static string Of(Level level) => _levels[(int)level];

    public static string Of(Kind kind) => _kinds[(int)kind];

    public static ReadOnlySpan<byte> Utf8(Level level) => level switch
    {
        Level.Debug => "debug"u8,
        Level.Info => "info"u8,
        Level.Warn => "warn"u8,
        _ => "error"u8,
    };

    public static ReadOnlySpan<byte> Utf8(Kind kind) => kind switch
    {
        Kind.Log => "log"u8,
        Kind.Exception => "exception"u8,
        Kind.Request => "request"u8,
        _ => "span"u8,
    };

    public static bool TryParse(string text, out Level level)
    {
        var index = Array.IndexOf(_levels, text);
        level = (Level)Math.Max(index, 0);
        return index >= 0;
    }

    public static bool TryParse(string text, out Kind kind)
    {
        var index = Array.IndexOf(_kinds, text);
        kind = (Kind)Math.Max(index, 0);
        return index >= 0;
    }

    /// <summary>The kind that a column holds; a foreign writer's word counts as log.</summary>
    public static Kind KindOf(ReadOnlySpan<byte> word) =>
        word.SequenceEqual("span"u8) ? Kind.Span
        : word.SequenceEqual("request"u8) ? Kind.Request
        : word.SequenceEqual("exception"u8) ? Kind.Exception
        : Kind.Log;

    /// <summary>The level that a column holds; a word that is none of the four (a foreign writer's) counts as info.</summary>
    public static Level LevelOf(ReadOnlySpan<byte> word) =>
        word.SequenceEqual("debug"u8) ? Level.Debug
        : word.SequenceEqual("warn"u8) ? Level.Warn
        : word.SequenceEqual("error"u8) ? Level.Error
        : Level.Info;
}
