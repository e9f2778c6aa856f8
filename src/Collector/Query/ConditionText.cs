using System.Globalization;
using Collector.Model;

namespace Collector.Query;

/// <summary>
/// A condition as it is in a query string, where its first <c>=</c> parts name and value: <c>attr.size&gt;=5</c>
/// comes as the name <c>attr.size&gt;</c> and the value <c>5</c>, and <c>attr.size&gt;5</c> as a name without a value.
/// </summary>
internal readonly record struct ConditionText(string Name, Comparison Comparison, string Value)
{
    /// <summary>Null where there is no operator.</summary>
    public static ConditionText? Of(string key, string? value)
    {
        var at = key.AsSpan().IndexOfAny('<', '>', '=');
        if (at < 0)
        {
            return value is null ? null : new ConditionText(key, Comparison.Equal, value);
        }

        var name = key[..at];
        var rest = key[(at + 1)..];
        var orEqual = key[at] != '=' && (rest.StartsWith('=') || (rest.Length == 0 && !string.IsNullOrEmpty(value)));
        var text = rest.Length == 0 ? value ?? ""
            : (rest.StartsWith('=') && orEqual ? rest[1..] : rest) + (string.IsNullOrEmpty(value) ? "" : "=" + value);
        return new ConditionText(name, ComparisonOf(key[at], orEqual), text);
    }

    public double? Number =>
        double.TryParse(Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? number
            : null;

    private static Comparison ComparisonOf(char sign, bool orEqual) => sign switch
    {
        '=' => Comparison.Equal,
        '<' => orEqual ? Comparison.LessOrEqual : Comparison.Less,
        _ => orEqual ? Comparison.GreaterOrEqual : Comparison.Greater,
    };
}
