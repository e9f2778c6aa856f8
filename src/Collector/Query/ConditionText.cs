using System.Globalization;
using System.Text;
using Collector.Model;

namespace Collector.Query;

/// <summary>
/// A condition as it is in a query string, where its first <c>=</c> parts name and value: <c>attr.size&gt;=5</c>
/// comes as the name <c>attr.size&gt;</c> and the value <c>5</c>, and <c>attr.size&gt;5</c> as a name without a value. A backslash
/// before <c>=</c>, <c>&lt;</c>, <c>&gt;</c> or a backslash makes it a letter of the name.
/// </summary>
internal readonly record struct ConditionText(string Name, Comparison Comparison, string Value)
{
    /// <summary>Null where there is no operator.</summary>
    public static ConditionText? Of(string key, string? value)
    {
        var at = OperatorOf(key);
        if (at < 0)
        {
            return value is null ? null : new ConditionText(Unescaped(key), Comparison.Equal, value);
        }

        var name = Unescaped(key[..at]);
        var rest = key[(at + 1)..];
        var orEqual = key[at] != '=' && (rest.StartsWith('=') || (rest.Length == 0 && !string.IsNullOrEmpty(value)));
        var text = rest.Length == 0 ? value ?? ""
            : (rest.StartsWith('=') && orEqual ? rest[1..] : rest) + (string.IsNullOrEmpty(value) ? "" : "=" + value);
        return new ConditionText(name, ComparisonOf(key[at], orEqual), text);
    }

    /// <summary>Where the first operator stands that is none of the name's letters; -1: nowhere.</summary>
    public static int OperatorOf(string key)
    {
        for (var at = 0; at < key.Length; at++)
        {
            if (key[at] == '\\')
            {
                at++;
            }
            else if (key[at] is '<' or '>' or '=')
            {
                return at;
            }
        }

        return -1;
    }

    /// <summary>The value is a number as JSON has them, and compared as one.</summary>
    public bool IsExact => ExactNumber.TryParse(Encoding.UTF8.GetBytes(Value), out _);

    public double? Number =>
        double.TryParse(Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? number
            : null;

    private static string Unescaped(string name)
    {
        if (!name.Contains('\\', StringComparison.Ordinal))
        {
            return name;
        }

        var text = new StringBuilder(name.Length);
        for (var at = 0; at < name.Length; at++)
        {
            var isEscape = name[at] == '\\' && at + 1 < name.Length && name[at + 1] is '\\' or '<' or '>' or '=';
            at += isEscape ? 1 : 0;
            text.Append(name[at]);
        }

        return text.ToString();
    }

    private static Comparison ComparisonOf(char sign, bool orEqual) => sign switch
    {
        '=' => Comparison.Equal,
        '<' => orEqual ? Comparison.LessOrEqual : Comparison.Less,
        _ => orEqual ? Comparison.GreaterOrEqual : Comparison.Greater,
    };
}
