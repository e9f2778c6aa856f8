using System.Globalization;

namespace Collector.Commands;

/// <summary>A value as text.</summary>
internal static class CellText
{
    public static string Of(object value) => value switch
    {
        byte[] bytes => Convert.ToHexStringLower(bytes),
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };
}
