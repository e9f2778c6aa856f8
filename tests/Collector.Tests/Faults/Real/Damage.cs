using Collector.Tests.Support;

namespace Collector.Tests.Faults.Real;

/// <summary>
/// Copies of one folder, which a killed Collector left with sealed segments, a hot one with its WAL and a full spool; in
/// each something of one file is destroyed before the next start.
/// </summary>
internal sealed class Damage : IDisposable
{
    private const int Page = 8192;

    private static readonly string[] _ways =
    [
        "a page overwritten", "a page of zeros", "a flipped bit", "the first page overwritten", "the end cut off",
    ];

    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromSeconds(30) };
    private readonly Producing _producing;

    public Damage() => _producing = new Producing([new("one", 20, 60, 200), new("two", 20, 60, 200), new("three", 20, 60, 200)], _client);

    /// <summary>Makes the folder.</summary>
    public async Task PrepareAsync()
    {
        await new RealLife { Requests = 20, UsesSpool = true }.SufferAsync(_folder.Path, _producing);
        _producing.FinalRefusals.ShouldBe(0);
    }

    /// <summary>One trial; its kind for the table, and what came of it.</summary>
    /// <param name="seed">Decides the file, the way and the place.</param>
    /// <param name="way">One of them; null: by the seed.</param>
    public async Task<(string Kind, LifeFigures Figures)> TryAsync(int seed, string? way = null)
    {
        var random = new Random(seed);
        using var copy = new TemporaryFolder();
        foreach (var path in Directory.EnumerateFiles(_folder.Path, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(copy.Path, Path.GetRelativePath(_folder.Path, path));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(path, target);
        }

        var files = Directory.EnumerateFiles(copy.Path, "*", SearchOption.AllDirectories)
            .Where(static path => !path.EndsWith(".lock", StringComparison.Ordinal) && !path.EndsWith(".pid", StringComparison.Ordinal)
                && new FileInfo(path).Length > 0)
            .GroupBy(path => KindOf(copy.Path, path)).OrderBy(static kind => kind.Key, StringComparer.Ordinal).ToList();
        var chosen = files[random.Next(files.Count)];
        var file = chosen.Order(StringComparer.Ordinal).ElementAt(random.Next(chosen.Count()));
        way ??= _ways[random.Next(_ways.Length)];
        Destroy(file, way, random);
        var figures = await new RealLife { MayLose = true }.TellAsync(copy.Path, _producing, _client);
        return ($"{way} in {chosen.Key}", figures with { Log = $"{way} in {Path.GetRelativePath(copy.Path, file)}\n{figures.Log}" });
    }

    public void Dispose()
    {
        _client.Dispose();
        _folder.Dispose();
    }

    private static void Destroy(string file, string way, Random random)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.ReadWrite);
        var page = random.NextInt64(Math.Max(1, stream.Length / Page));
        switch (way)
        {
            case "a flipped bit":
                stream.Position = random.NextInt64(stream.Length);
                var old = stream.ReadByte();
                stream.Position--;
                stream.WriteByte((byte)(old ^ (1 << random.Next(8))));
                break;
            case "the end cut off":
                stream.SetLength(random.NextInt64(stream.Length));
                break;
            default:
                stream.Position = way == "the first page overwritten" ? 0 : page * Page;
                var garbage = new byte[(int)Math.Min(Page, stream.Length - stream.Position)];
                Array.Fill(garbage, (byte)(way == "a page of zeros" ? 0 : 0xA5));
                stream.Write(garbage);
                break;
        }
    }

    private static string KindOf(string folder, string path)
    {
        var name = Path.GetRelativePath(folder, path);
        return name.StartsWith("spool", StringComparison.Ordinal)
            ? name
            : "a segment's " + Path.GetExtension(name).TrimStart('.');
    }
}
