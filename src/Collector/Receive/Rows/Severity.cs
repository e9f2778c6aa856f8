using System.Buffers;
using System.Text;
using Collector.Model;

namespace Collector.Receive.Rows;

/// <summary>From OTLP's 24 severities, or what a producer calls them, to the four levels.</summary>
internal static class Severity
{
    public const long Largest = 24;

    /// <param name="number">severity_number; beyond 24 is worse than the worst, below 1 says nothing.</param>
    /// <param name="text">severity_text, asked where the number says nothing.</param>
    /// <param name="fallback">Where neither says anything.</param>
    public static Level LevelOf(long number, ReadOnlySpan<byte> text, Level fallback) => number switch
    {
        > 16 => Level.Error,
        > 12 => Level.Warn,
        > 8 => Level.Info,
        > 0 => Level.Debug,
        _ => LevelOf(text, fallback),
    };

    private static Level LevelOf(ReadOnlySpan<byte> text, Level fallback)
    {
        Span<byte> word = stackalloc byte[16];
        if (Ascii.ToLower(text[Ascii.Trim(text)], word, out var length) != OperationStatus.Done)
        {
            return fallback;
        }

        // "WARN2" and the like are names of OTLP severities within a level.
        word = word[..length].TrimEnd("234"u8);
        return Is(word, "trace"u8, "debug"u8, "verbose"u8, "fine"u8) ? Level.Debug
            : Is(word, "info"u8, "information"u8, "informational"u8, "notice"u8) ? Level.Info
            : Is(word, "warn"u8, "warning"u8) ? Level.Warn
            : Is(word, "error"u8, "err"u8, "critical"u8, "crit"u8) ? Level.Error
            : Is(word, "fatal"u8, "panic"u8, "alert"u8, "severe"u8) ? Level.Error
            : Is(word, "emergency"u8, "emerg"u8) ? Level.Error
            : fallback;
    }

    private static bool Is(
        ReadOnlySpan<byte> word, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second,
        ReadOnlySpan<byte> third = default, ReadOnlySpan<byte> fourth = default) =>
        !word.IsEmpty && (word.SequenceEqual(first) || word.SequenceEqual(second) || word.SequenceEqual(third)
            || word.SequenceEqual(fourth));
}
