namespace Collector.Benchmarks.Support;

/// <summary>The checkout that this program was built from.</summary>
internal static class Checkout
{
    public static string PathOf(params string[] parts)
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Collector.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("Collector.sln is in none of the folders above.");
        }

        return Path.Combine([folder, .. parts]);
    }
}
