using System.Globalization;

namespace Collector.Commands;

/// <summary>A number of bytes for a person, such as <c>1.5 GiB</c>.</summary>
internal static class ByteText
{
    private static readonly string[] _units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

    public static string Of(long bytes)
    {
        var unit = 0;
        double size = bytes;
        for (; size >= 1024 && unit < _units.Length - 1; unit++)
        {
            size /= 1024;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{size:0.#} {_units[unit]}");
    }
}
