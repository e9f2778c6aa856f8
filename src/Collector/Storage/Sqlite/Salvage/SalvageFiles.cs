using System.Text.Json;
using System.Text.Json.Serialization;
using Collector.Model;
using Collector.Storage.Sqlite.Segments;

namespace Collector.Storage.Sqlite.Salvage;

/// <summary>
/// The names on a folder while a damaged file is replaced. 1. The new file is written beside it, and so is what is lost. 2. The
/// damaged one is renamed, first the file, then what belongs to it. 3. The new one gets its name. 4. What is lost is counted,
/// and its note goes. A kill before the file's renaming leaves the old one whole, and the new one is thrown away at the next
/// start; a kill after it leaves the new one, which gets its name then.
/// </summary>
internal sealed partial class SalvageFiles(string folder, TimeProvider clock, ILogger log)
{
    private const string NewSuffix = ".salvage";
    private const string LostSuffix = ".lost";

    public static string NewPathOf(string path) => path + NewSuffix;

    /// <summary>Deletes what an earlier try has left.</summary>
    /// <exception cref="IOException">It can't be.</exception>
    public static void Clear(string path)
    {
        ClearNew(path);
        if (Directory.Exists(Path.GetDirectoryName(path)))
        {
            File.Delete(path + LostSuffix);
        }
    }

    /// <summary>Deletes the new file: nothing could be saved.</summary>
    /// <exception cref="IOException">It can't be.</exception>
    public static void ClearNew(string path)
    {
        foreach (var part in SegmentFile.Parts.Where(part => File.Exists(path + NewSuffix + part)))
        {
            File.Delete(path + NewSuffix + part);
        }
    }

    /// <summary>Writes down what is lost, on disk when it returns.</summary>
    /// <exception cref="IOException">It can't be.</exception>
    public static void Note(string path, IReadOnlyList<Gap> gaps)
    {
        if (gaps.Count > 0)
        {
            using var file = new FileStream(path + LostSuffix, FileMode.Create, FileAccess.Write, FileShare.None, 4096);
            JsonSerializer.Serialize(file, gaps, LostJson.Default.IReadOnlyListGap);
            file.Flush();
            FileSync.Default.SyncFile(file.SafeFileHandle, path + LostSuffix);
        }
    }

    /// <summary>It is counted, and kept with the data.</summary>
    public void Forget(string path)
    {
        try
        {
            File.Delete(path + LostSuffix);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogNotForgotten(log, path + LostSuffix, e);
        }
    }

    /// <summary>Renames the damaged file, and gives its name to the new one, where there is one.</summary>
    /// <returns>The damaged one's name; null where it was gone.</returns>
    /// <exception cref="IOException">It can't be renamed.</exception>
    public string? Swap(string path)
    {
        var aside = AsideFile.NewPath(path, clock.GetUtcNow());
        var isThere = false;
        foreach (var part in SegmentFile.Parts.Where(part => File.Exists(path + part)))
        {
            File.Move(path + part, aside + part, overwrite: true);
            isThere = true;
        }

        // A WAL is there only where a kill cut the copying of a file short that had no name any more.
        foreach (var part in SegmentFile.Parts.Reverse().Where(part => File.Exists(path + NewSuffix + part)))
        {
            File.Move(path + NewSuffix + part, path + part);
        }

        FileSync.Default.SyncFolder(folder);
        return isThere ? aside : null;
    }

    /// <summary>Ends or takes back what a kill cut short; returns losses that are not counted yet, with their notes' paths.</summary>
    /// <exception cref="IOException">A file can't be renamed or deleted.</exception>
    public IReadOnlyList<(string Path, IReadOnlyList<Gap> Gaps)> Recover()
    {
        foreach (var copy in Directory.GetFiles(folder, "*.db" + NewSuffix + "-source*"))
        {
            FirstPage.Clear(copy[..copy.LastIndexOf(NewSuffix, StringComparison.Ordinal)]);
        }

        foreach (var fresh in Directory.GetFiles(folder, "*.db" + NewSuffix))
        {
            var path = fresh[..^NewSuffix.Length];
            if (File.Exists(path))
            {
                Clear(path);
            }
            else
            {
                Swap(path);
            }
        }

        return [.. from note in Directory.GetFiles(folder, "*.db" + LostSuffix)
            let path = note[..^LostSuffix.Length]
            select (path, Read(note))];
    }

    // A note that was cut short is of a try that was taken back.
    private static IReadOnlyList<Gap> Read(string note)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(note), LostJson.Default.IReadOnlyListGap) ?? [];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    [LoggerMessage(LogLevel.Error, "{Path} can't be deleted: what it says is counted twice at the next start")]
    private static partial void LogNotForgotten(ILogger log, string path, Exception error);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(IReadOnlyList<Gap>))]
internal sealed partial class LostJson : JsonSerializerContext;
