using System.Buffers;
using Collector.Model;

namespace Collector.Receive.Rows;

/// <summary>
/// Finds in a stack trace the line that names the exception: the first one, or the last of a Python traceback. It says more than
/// the exception's own message where that is only the first argument.
/// </summary>
internal static class StackText
{
    private static readonly SearchValues<byte> _noName = SearchValues.Create(" \t/()[]"u8);

    private const int LongestName = 200;

    /// <summary>Empty where no line is "Type: message", or the bare name of an error.</summary>
    public static Slice Line(Slice stack, ReadOnlySpan<byte> text)
    {
        var (start, length) = text.StartsWith("Traceback ("u8) ? LastLine(text) : FirstLine(text);
        return IsNamed(text.Slice(start, length)) ? stack.Part(start, length) : default;
    }

    private static bool IsNamed(ReadOnlySpan<byte> line)
    {
        var colon = line.IndexOf(": "u8);
        var name = colon > 0 ? line[..colon] : line;
        return name.Length is > 1 and < LongestName && !name.ContainsAny(_noName)
            && (colon > 0 ? char.IsAsciiLetter((char)name[^1]) && (name[0] is < (byte)'a' or > (byte)'z' || name.Contains((byte)'.'))
                : name.EndsWith("Error"u8) || name.EndsWith("Exception"u8));
    }

    private static (int, int) FirstLine(ReadOnlySpan<byte> text)
    {
        var end = text.IndexOfAny("\r\n"u8);
        return (0, end < 0 ? text.Length : end);
    }

    // Behind it may stand notes; a line of the traceback itself is indented.
    private static (int, int) LastLine(ReadOnlySpan<byte> text)
    {
        var found = (0, 0);
        var start = 0;
        while (start < text.Length)
        {
            var end = text[start..].IndexOfAny("\r\n"u8);
            var length = end < 0 ? text.Length - start : end;
            if (length > 0 && text[start] != ' ' && IsNamed(text.Slice(start, length)))
            {
                found = (start, length);
            }

            start += length + 1;
        }

        return found;
    }
}
