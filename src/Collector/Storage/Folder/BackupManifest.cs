using System.Text.Json;
using System.Text.Json.Serialization;

namespace Collector.Storage.Folder;

/// <summary>
/// What a backup holds. It is written last: a folder without one is not a backup, or one that was not finished.
/// </summary>
/// <param name="Format">Version of this file; a reader refuses what is newer than itself.</param>
/// <param name="Collector">Version of the program that made it.</param>
/// <param name="BegunAt">ISO-8601 UTC: whatever was acknowledged before is in the backup.</param>
/// <param name="EndedAt">ISO-8601 UTC.</param>
/// <param name="Files">All files but this one.</param>
/// <param name="Remarks">What could not be had as it should be.</param>
internal sealed record BackupManifest(
    int Format, string Collector, string BegunAt, string EndedAt, IReadOnlyList<BackupFile> Files, IReadOnlyList<BackupRemark> Remarks)
{
    public const string FileName = "manifest.json";

    /// <summary>The version that this program writes.</summary>
    public const int CurrentFormat = 1;

    /// <summary>Reads and checks it.</summary>
    /// <exception cref="IOException">There is none, it can't be read, or is not one of ours.</exception>
    public static BackupManifest Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            throw new IOException($"{folder} is not a backup, or one that was not finished: it has no {FileName}.");
        }

        try
        {
            var manifest = JsonSerializer.Deserialize(File.ReadAllBytes(path), BackupJson.Default.BackupManifest);
            return manifest?.WhatIsWrong() is { } wrong ? throw new IOException($"{path}: {wrong}.") : manifest!;
        }
        catch (JsonException e)
        {
            throw new IOException($"{path} is damaged: {e.Message}");
        }
    }

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, BackupJson.Default.BackupManifest);

    // Names lead out of no folder: the manifest may be anybody's.
    private string? WhatIsWrong() =>
        Format > CurrentFormat ? $"it has format {Format}, written by a newer Collector"
        : Format < 1 ? "it says no format"
        : Files.FirstOrDefault(static file => !file.IsSane) is { } strange ? $"the entry of '{strange.Name}' can't be right"
        : Files.DistinctBy(static file => file.Name, StringComparer.Ordinal).Count() != Files.Count ? "it names a file twice"
        : null;
}

/// <param name="Name">Relative to the backup, with <c>/</c>.</param>
/// <param name="Kind">sealed (a segment that no longer changes), segment, database, set_aside, other, unreadable (copied as it is).</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">Of its bytes, lower-case hex.</param>
/// <param name="Rows">In a segment; else 0.</param>
/// <param name="Linked">A second name of the data folder's own file, not a copy.</param>
internal sealed record BackupFile(string Name, string Kind, long Bytes, string Sha256, long Rows, bool Linked)
{
    [JsonIgnore]
    public bool IsSane =>
        Name is { Length: > 0 and < 512 } && Sha256 is { Length: 64 } && Bytes >= 0 && Rows >= 0
        && Name.AsSpan().IndexOfAny('\\', '\0') < 0 && !Path.IsPathRooted(Name)
        && Name.Split('/').All(static part => part.Length > 0 && part is not ("." or ".."));
}

/// <param name="Name">Relative to the data folder.</param>
/// <param name="Text">English, for a line that begins with the name.</param>
/// <param name="IsLoss">Something of the data folder is not in the backup, or can't be read in it.</param>
internal sealed record BackupRemark(string Name, string Text, bool IsLoss);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(BackupManifest))]
internal sealed partial class BackupJson : JsonSerializerContext;
