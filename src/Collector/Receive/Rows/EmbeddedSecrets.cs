using System.Buffers;

namespace Collector.Receive.Rows;

/// <summary>
/// Finds the secrets in a text that is, or holds, JSON: strings under secret names, as members of objects have them. It reads
/// what a JSON reader would refuse (a text that was cut) as far as it goes, and everything else stays byte for byte.
/// </summary>
internal static class EmbeddedSecrets
{
    /// <summary>The text is, or holds, what may be JSON.</summary>
    public static bool MayHave(ReadOnlySpan<byte> text) =>
        text.Length > 2 && (text[0] is (byte)'{' or (byte)'[' ? text.Contains((byte)'"') : text.IndexOf("{\""u8) >= 0);

    /// <summary>The text without its secrets; null where there are none.</summary>
    public static byte[]? Without(ReadOnlySpan<byte> text, SecretNames names)
    {
        ArrayBufferWriter<byte>? clean = null;
        var copied = 0;
        Span<Secrecy> outer = stackalloc Secrecy[ValueWriter.MaxDepth + 1];
        outer.Clear();
        var (secrecy, depth) = (Secrecy.None, 0);
        for (var at = Math.Max(0, text.IndexOfAny((byte)'{', (byte)'[')); at < text.Length; at++)
        {
            switch (text[at])
            {
                case (byte)'{' or (byte)'[':
                    depth++;
                    outer[Math.Min(depth, ValueWriter.MaxDepth)] = secrecy;
                    break;
                case (byte)'}' or (byte)']' or (byte)',':
                    depth -= text[at] == ',' || depth == 0 ? 0 : 1;
                    secrecy = outer[Math.Min(depth, ValueWriter.MaxDepth)];
                    break;
                case (byte)'"':
                    var start = at + 1;
                    at = EndOf(text, start);
                    var word = text[start..at];
                    if (IsName(text, at))
                    {
                        secrecy = names.Of(word, outer[Math.Min(depth, ValueWriter.MaxDepth)]);
                    }
                    else if (secrecy == Secrecy.Secret && !word.SequenceEqual("REDACTED"u8))
                    {
                        clean ??= new ArrayBufferWriter<byte>(text.Length + 64);
                        clean.Write(text[copied..start]);
                        clean.Write("REDACTED"u8);
                        copied = at;
                    }

                    break;
            }
        }

        clean?.Write(text[copied..]);
        return clean?.WrittenSpan.ToArray();
    }

    private static int EndOf(ReadOnlySpan<byte> text, int at)
    {
        while (at < text.Length && text[at] != '"')
        {
            var next = text[at..].IndexOfAny((byte)'"', (byte)'\\');
            at = next < 0 ? text.Length : text[at + next] == '"' ? at + next : Math.Min(at + next + 2, text.Length);
        }

        return at;
    }

    private static bool IsName(ReadOnlySpan<byte> text, int end)
    {
        var rest = text[Math.Min(end + 1, text.Length)..].TrimStart(" \t\r\n"u8);
        return !rest.IsEmpty && rest[0] == ':';
    }
}
