using System.Globalization;

namespace Collector.Pipeline.Spool;

/// <summary>The name of a spool file; numbers rise and are never used twice while a file of them is there.</summary>
internal readonly record struct SpoolFileName(int Number) : IComparable<SpoolFileName>
{
    private const string Prefix = "spool-";
    private const string Suffix = ".bin";

    public SpoolFileName Next => new(Number + 1);

    /// <summary>Does not throw.</summary>
    public static bool TryParse(string name, out SpoolFileName parsed)
    {
        parsed = default;
        if (!name.StartsWith(Prefix, StringComparison.Ordinal) || !name.EndsWith(Suffix, StringComparison.Ordinal)
            || !int.TryParse(name.AsSpan()[Prefix.Length..^Suffix.Length], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        parsed = new SpoolFileName(number);
        return name == parsed.ToString();
    }

    /// <summary>Those in a folder, in order.</summary>
    public static IEnumerable<SpoolFileName> In(string folder) =>
        Directory.EnumerateFiles(folder)
            .Select(static path => TryParse(Path.GetFileName(path), out var name) ? name : (SpoolFileName?)null)
            .OfType<SpoolFileName>()
            .Order();

    public int CompareTo(SpoolFileName other) => Number.CompareTo(other.Number);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Number:000000}{Suffix}");
}
