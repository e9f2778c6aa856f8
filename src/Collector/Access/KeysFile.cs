using System.Text.Json;
using System.Text.Json.Serialization;
using Collector.Storage;

namespace Collector.Access;

/// <summary>
/// <c>keys/keys.json</c> of the data folder: the keys that <c>collector keys</c> makes, as <see cref="KeyEntry"/>s in JSON.
/// A person may edit it; it counts within a second.
/// </summary>
internal static class KeysFile
{
    private const string Folder = "keys";

    private const string Name = "keys.json";

    private static readonly JsonSerializerOptions _json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        PropertyNameCaseInsensitive = true,
        // A misspelt member would silently be none.
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        WriteIndented = true,
        Converters = { new RightsConverter() },
    };

    /// <summary>The folder of a data folder that keys are in, and what logins are encrypted with.</summary>
    public static string FolderIn(string dataFolder) => Path.Combine(dataFolder, Folder);

    public static string PathIn(string folder) => Path.Combine(folder, Name);

    /// <exception cref="InvalidDataException">It is no keys file; says why.</exception>
    public static IReadOnlyList<KeyEntry> Parse(string path, string text)
    {
        Content? content;
        try
        {
            content = JsonSerializer.Deserialize<Content>(text, _json);
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{path} is no keys file: {error.Message}", error);
        }

        var keys = content?.Keys ?? [];
        for (var i = 0; i < keys.Count; i++)
        {
            if (keys[i].Mistake() is { } mistake)
            {
                throw new InvalidDataException($"{path}, key {i + 1}: {mistake}");
            }
        }

        return keys;
    }

    /// <summary>The entries that are there; none where there is no file.</summary>
    /// <exception cref="InvalidDataException">It is no keys file; says why.</exception>
    /// <exception cref="IOException">It can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static IReadOnlyList<KeyEntry> Read(string folder)
    {
        var path = PathIn(folder);
        return File.Exists(path) ? Parse(path, File.ReadAllText(path)) : [];
    }

    /// <summary>Puts these in the place of those that are there, whole or not at all.</summary>
    /// <exception cref="IOException">It can't be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static void Write(string folder, IReadOnlyList<KeyEntry> keys) =>
        WriteText(PathIn(folder), JsonSerializer.Serialize(new Content(keys), _json) + "\n");

    /// <summary>A file that only its owner may read, written whole or not at all.</summary>
    /// <exception cref="IOException">It can't be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static void WriteText(string path, string text)
    {
        PrivateFiles.CreateFolder(Path.GetDirectoryName(path)!);
        var part = path + ".part";
        File.Delete(part);
        using (var file = PrivateFiles.Create(part))
        using (var writer = new StreamWriter(file))
        {
            writer.Write(text);
            writer.Flush();
            FileSync.Default.SyncFile(file.SafeFileHandle, part);
        }

        File.Move(part, path, overwrite: true);
        FileSync.Default.SyncFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    private sealed record Content(IReadOnlyList<KeyEntry>? Keys);

    private sealed class RightsConverter : JsonConverter<Rights>
    {
        public override Rights Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String && RightNames.TryParse(reader.GetString()!, out var rights)
                ? rights
                : throw new JsonException($"rights are not legal; legal is {RightNames.Legal}, as one text with commas");

        public override void Write(Utf8JsonWriter writer, Rights value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToText());
    }
}
