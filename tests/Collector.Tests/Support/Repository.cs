namespace Collector.Tests.Support;

/// <summary>The checkout that the tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    /// <summary>All C# files of the product, with their path below <c>src/Collector</c>.</summary>
    public static IEnumerable<(string Path, string[] Lines)> Sources() => FilesBelow("src", "Collector");

    /// <summary>All C# files of the tests, with their path below <c>tests/Collector.Tests</c>.</summary>
    public static IEnumerable<(string Path, string[] Lines)> Tests() => FilesBelow("tests", "Collector.Tests");

    private static IEnumerable<(string Path, string[] Lines)> FilesBelow(params string[] folder)
    {
        var source = PathOf(folder);
        return Directory.EnumerateFiles(source, "*.cs", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(source, path).Replace('\\', '/'))
            .Where(path => !path.StartsWith("obj/", StringComparison.Ordinal) && !path.StartsWith("bin/", StringComparison.Ordinal))
            .Select(path => (path, File.ReadAllLines(Path.Combine(source, path))));
    }

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Collector.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("Collector.sln is above none of the test's folders.");
        }

        return folder;
    }
}
