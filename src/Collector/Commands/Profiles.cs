using System.Text.Json;
using Collector.Access;

namespace Collector.Commands;

/// <summary>
/// The keys that <c>collector login</c> saved, by address: <c>collector/keys.json</c> in the user's folder of configuration
/// ($XDG_CONFIG_HOME, else ~/.config), for its owner alone.
/// </summary>
internal static class Profiles
{
    public static string Path { get; } = System.IO.Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData, Environment.SpecialFolderOption.DoNotVerify), "collector", "keys.json");

    /// <summary>The key for an address; null where none was saved.</summary>
    /// <exception cref="IOException">The file can't be read or understood.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static string? Find(Uri address) => Read().GetValueOrDefault(NameOf(address));

    /// <summary>Saves a key in the place of the one that is there; null forgets it.</summary>
    /// <exception cref="IOException">The file can't be read, understood or written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read or written.</exception>
    public static void Save(Uri address, string? key)
    {
        var keys = Read();
        keys.Remove(NameOf(address));
        if (key is not null)
        {
            keys.Add(NameOf(address), key);
        }

        KeysFile.WriteText(Path, JsonSerializer.Serialize(keys) + "\n");
    }

    private static SortedDictionary<string, string> Read()
    {
        try
        {
            return File.Exists(Path) ? JsonSerializer.Deserialize<SortedDictionary<string, string>>(File.ReadAllText(Path)) ?? [] : [];
        }
        catch (JsonException error)
        {
            throw new IOException($"{Path} holds no saved keys: {error.Message}", error);
        }
    }

    private static string NameOf(Uri address) => address.GetLeftPart(UriPartial.Authority);
}
