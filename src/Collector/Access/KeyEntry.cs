namespace Collector.Access;

/// <summary>A key as settings and the keys file hold it: what it allows, and where its secret can be checked, never the secret.</summary>
internal sealed record KeyEntry
{
    /// <summary>Longest name.</summary>
    public const int MaxNameLength = 64;

    /// <summary>For people: answers, the log and the Health page call it so.</summary>
    public required string Name { get; init; }

    /// <summary>SHA-256 of the key as 64 hexadecimal digits; null where <see cref="KeyFile"/> is given.</summary>
    public string? Sha256 { get; init; }

    /// <summary>A file with nothing but the key, such as a mounted secret; null where <see cref="Sha256"/> is given.</summary>
    public string? KeyFile { get; init; }

    public Rights Rights { get; init; }

    /// <summary>Names of services that a sender may speak for, with <c>*</c> for any text; empty: for all.</summary>
    public IReadOnlyList<string> Services { get; init; } = [];

    public bool IsForAllServices => Services.Count == 0;

    /// <summary>Rows a second that it may send on average; 0: any number.</summary>
    public long RowsPerSecond { get; init; }

    /// <summary>Bytes a second that it may send on average, after decompression; 0: any number.</summary>
    public long BytesPerSecond { get; init; }

    /// <summary>From then on it is refused; null: never.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>Null where the entry is legal, else what is wrong with it and what is legal.</summary>
    public string? Mistake() =>
        !IsName(Name) ? $"Name: '{Name}' is not legal; legal are 1 to {MaxNameLength} letters, digits, '.', '-' and '_'"
        : Rights == Rights.None ? $"Rights are missing; legal is {RightNames.Legal}"
        : Sha256 is null == KeyFile is null ? "one of Sha256 and KeyFile is needed, and not both"
        : Sha256 is not null && !IsHash(Sha256) ? "Sha256 is not legal; legal are 64 hexadecimal digits"
        : KeyFile is { Length: 0 } ? "KeyFile is empty; legal is a path"
        : Services.Any(static glob => glob.Length is 0 or > 256) ? "Services: legal are names of 1 to 256 characters, with * for any text"
        : RowsPerSecond < 0 || BytesPerSecond < 0 ? "RowsPerSecond and BytesPerSecond can't be below 0"
        : null;

    public static bool IsName(string name) =>
        name.Length is >= 1 and <= MaxNameLength && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');

    // A list compares by reference, and entries are compared to see what a changed file changed.
    public bool Equals(KeyEntry? other) =>
        other is not null && (Name, Sha256, KeyFile, Rights, RowsPerSecond, BytesPerSecond, Expires)
            == (other.Name, other.Sha256, other.KeyFile, other.Rights, other.RowsPerSecond, other.BytesPerSecond, other.Expires)
        && Services.SequenceEqual(other.Services);

    public override int GetHashCode() => HashCode.Combine(Name, Sha256, KeyFile, Rights);

    private static bool IsHash(string text) => text.Length == 2 * KeyHash.Length && text.All(char.IsAsciiHexDigit);
}
