namespace Collector.Benchmarks.Support;

/// <summary>A folder that is gone afterwards.</summary>
internal sealed class Folder : IDisposable
{
    public Folder() => Children.Add(Path);

    public string Path { get; } = Directory.CreateTempSubdirectory("collector-benchmark-").FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose()
    {
        Directory.Delete(Path, recursive: true);
        Children.Remove(Path);
    }
}
