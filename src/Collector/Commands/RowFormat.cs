using System.Globalization;

namespace Collector.Commands;

/// <summary>A way to write rows of columns.</summary>
internal abstract class RowFormat
{
    /// <summary>Values as SQLite has them: null, long, double, string, byte[].</summary>
    public abstract void Write(object?[] row);

    public virtual void End()
    {
    }

    /// <summary>A value as text; null is the format's own business.</summary>
    protected static string TextOf(object value) => value switch
    {
        byte[] bytes => Convert.ToHexStringLower(bytes),
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };
}
