namespace Collector.Access;

/// <summary>
/// What other machines reach needs a key; where none has the right, one is made, so that nothing is open to everybody and
/// nobody is locked out. It stands in a file of its own that only its owner may read, and the keys file names it.
/// </summary>
internal static class MadeKeys
{
    /// <summary>Of the key that may send.</summary>
    public const string Sender = "sender";

    /// <summary>Of the key that may read and administer.</summary>
    public const string Admin = "admin";

    public static string FileOf(string folder, string name) => Path.Combine(folder, name + ".key");

    /// <summary>Makes a key for a right that no key has; returns the file that it stands in, or null where there is one already.</summary>
    /// <exception cref="InvalidDataException">The keys file can't be understood.</exception>
    /// <exception cref="IOException">A file can't be written.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be written.</exception>
    public static string? MakeFor(Rights right, KeyRing keys, string folder)
    {
        if (keys.HasAny(right))
        {
            return null;
        }

        var (name, rights) = right == Rights.Send ? (Sender, Rights.Send) : (Admin, Rights.Read | Rights.Admin);
        var path = FileOf(folder, name);
        KeysFile.WriteText(path, KeyHash.NewKey() + "\n");
        var others = KeysFile.Read(folder).Where(key => key.Name != name);
        KeysFile.Write(folder, [.. others, new KeyEntry { Name = name, KeyFile = Path.GetFileName(path), Rights = rights }]);
        keys.Reload();
        return path;
    }
}
