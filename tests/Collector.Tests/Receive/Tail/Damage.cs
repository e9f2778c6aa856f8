using System.Text;
using System.Text.RegularExpressions;

namespace Collector.Tests.Receive.Tail;

/// <summary>Two ways to damage JSON: its bytes, so that mostly it is none any more, and its values, so that it still is.
/// </summary>
internal static partial class Damage
{
    private static readonly string[] _values =
    [
        "null", "true", "0", "-1", "1e999", "123456789012345678901234567890", "\"\"", "\"\\ud800\"", "\"\\u0000\"", "{}", "[]",
        "[null]", "{\"a\":{\"a\":[{}]}}", "\"1795435200000\"", "\"{\\\"level\\\":5}\"", "\"{\"", "0.5", "\"%s%d%%\"", "[[[[]]]]",
    ];

    public static byte[] Bytes(byte[] body, Random random)
    {
        var mutated = new List<byte>(body);
        for (var wounds = random.Next(1, 4); wounds > 0; wounds--)
        {
            var at = random.Next(mutated.Count);
            switch (random.Next(5))
            {
                case 0: mutated[at] = (byte)random.Next(256); break;
                case 1: mutated[at] ^= (byte)(1 << random.Next(8)); break;
                case 2: mutated.RemoveRange(at, random.Next(Math.Min(8, mutated.Count - at))); break;
                case 3: mutated.Insert(at, (byte)random.Next(256)); break;
                default: mutated.InsertRange(at, mutated.GetRange(at, Math.Min(16, mutated.Count - at))); break;
            }
        }

        return [.. mutated];
    }

    public static byte[] Tokens(byte[] body, Random random)
    {
        var text = Encoding.UTF8.GetString(body);
        for (var wounds = random.Next(1, 6); wounds > 0; wounds--)
        {
            var found = Value().Matches(text);
            if (found.Count == 0)
            {
                break;
            }

            var value = found[random.Next(found.Count)].Groups[1];
            text = string.Concat(text.AsSpan(0, value.Index), _values[random.Next(_values.Length)], text.AsSpan(value.Index + value.Length));
        }

        return Encoding.UTF8.GetBytes(text);
    }

    // A scalar, or a flat object or array, behind a colon, comma or bracket.
    [GeneratedRegex("""[:,\[](\{[^{}\[\]]*\}|\[[^{}\[\]]*\]|"(?:[^"\\]|\\.)*"(?=[,\]}])|[-0-9a-z.]+)""")]
    private static partial Regex Value();
}
