using System.Security.Cryptography;
using System.Text;

namespace Collector.Access;

/// <summary>
/// All keys in force: those of the settings, of the keys file, and of Ingest:Keys. Files that change count within a second,
/// so that a key is made, rotated or taken back without a restart; while one can't be read, what it said before stays.
/// Safe for any number of threads.
/// </summary>
internal sealed partial class KeyRing
{
    // Looked at when somebody comes with a key, and only then: an idle process reads nothing.
    private static readonly TimeSpan _lookEvery = TimeSpan.FromSeconds(1);

    private readonly IReadOnlyList<KeyEntry> _configured;
    private readonly IReadOnlyList<string> _plain;
    private readonly string _folder;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly Lock _lock = new();
    private AccessKey[] _keys = [];
    private long _lookedAt;
    private string? _seen;
    private string? _fault;

    /// <param name="configured">Auth:Keys; legal.</param>
    /// <param name="plain">Ingest:Keys, which may send.</param>
    /// <param name="folder">Of the keys file.</param>
    /// <param name="clock">The one source of time.</param>
    /// <param name="log">Is told of files that can't be read any more.</param>
    /// <exception cref="InvalidDataException">A file is no key or keys file; says why.</exception>
    /// <exception cref="IOException">A file can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be read.</exception>
    public KeyRing(IReadOnlyList<KeyEntry> configured, IReadOnlyList<string> plain, string folder, TimeProvider clock, ILogger log)
    {
        _configured = configured;
        _plain = plain;
        _folder = folder;
        _clock = clock;
        _log = log;
        var content = ReadFiles(out var seen);
        (_keys, _seen, _lookedAt) = (content, seen, clock.GetTimestamp());
    }

    /// <summary>The keys in force, those of the settings first.</summary>
    public IReadOnlyList<AccessKey> Keys
    {
        get
        {
            Look();
            return Volatile.Read(ref _keys);
        }
    }

    /// <summary>Some key has the right, even one that has expired: what a key once closed does not open by itself.</summary>
    public bool HasAny(Rights right) => Keys.Any(key => key.Entry.Rights.Allow(right));

    /// <summary>
    /// The key with that secret, expired or not. The work is the same whether there is one or not: one hash, and a comparison
    /// in constant time with each.
    /// </summary>
    public AccessKey? Find(ReadOnlySpan<char> secret)
    {
        Span<byte> hash = stackalloc byte[KeyHash.Length];
        KeyHash.Compute(secret, hash);
        return FindByHash(hash);
    }

    /// <summary>The key with that hash; null where it was taken back.</summary>
    public AccessKey? FindByHash(ReadOnlySpan<byte> hash)
    {
        AccessKey? found = null;
        var keys = Keys;
        for (var i = 0; i < keys.Count; i++)
        {
            found = CryptographicOperations.FixedTimeEquals(keys[i].Hash, hash) ? keys[i] : found;
        }

        return found;
    }

    /// <summary>Reads the files again now, whenever they were read last.</summary>
    public void Reload()
    {
        lock (_lock)
        {
            Read();
        }
    }

    private void Look()
    {
        if (_clock.GetElapsedTime(Volatile.Read(ref _lookedAt)) < _lookEvery || !_lock.TryEnter())
        {
            return;
        }

        try
        {
            Read();
        }
        finally
        {
            _lock.Exit();
        }
    }

    // Under the lock. Files are compared by their content: they are small, and mounted secrets are replaced in ways that
    // leave size and time as they were.
    private void Read()
    {
        Volatile.Write(ref _lookedAt, _clock.GetTimestamp());
        try
        {
            var keys = ReadFiles(out var seen);
            if (seen != _seen)
            {
                Volatile.Write(ref _keys, keys);
                _seen = seen;
                KeysChanged(keys.Length);
            }

            _fault = null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            if (error.Message != _fault)
            {
                _fault = error.Message;
                KeysUnreadable(error.Message);
            }
        }
    }

    private AccessKey[] ReadFiles(out string seen)
    {
        var texts = new StringBuilder();
        var path = KeysFile.PathIn(_folder);
        var text = File.Exists(path) ? File.ReadAllText(path) : "";
        texts.Append(text);
        var entries = text.Length > 0 ? KeysFile.Parse(path, text) : [];
        AccessKey[] keys =
        [
            .. _configured.Select((entry, i) => Take(entry, $"Auth:Keys:{i}", texts)),
            .. entries.Select(entry => Take(entry, path, texts)),
            .. _plain.Select((secret, i) => Make(new KeyEntry { Name = $"Ingest.Keys.{i}", Rights = Rights.Send }, KeyHash.Of(secret), "Ingest:Keys")),
        ];
        seen = texts.ToString();
        return keys;
    }

    private AccessKey Take(KeyEntry entry, string source, StringBuilder texts)
    {
        if (entry.KeyFile is not { } file)
        {
            return Make(entry, Convert.FromHexString(entry.Sha256!), source);
        }

        // Of the keys file, beside it.
        var path = Path.Combine(_folder, file);
        var secret = File.ReadAllText(path).Trim();
        if (secret.Length is 0 or > KeyHash.MaxKeyLength)
        {
            throw new InvalidDataException($"{path} is no key: it holds {secret.Length} characters; legal are 1 to {KeyHash.MaxKeyLength}");
        }

        // What is compared is kept, so it is not the secret.
        var hash = KeyHash.Of(secret);
        texts.Append(Convert.ToHexString(hash));
        return Make(entry, hash, source);
    }

    // What did not change keeps its rates, and a key whose entry changed its uses.
    private AccessKey Make(KeyEntry entry, byte[] hash, string source)
    {
        var before = Array.Find(_keys, key => key.Hash.AsSpan().SequenceEqual(hash));
        return before is not null && before.Entry.Equals(entry) ? before : new AccessKey(entry, hash, source, _clock, before?.Use);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The keys have changed; {Count} are in force now")]
    private partial void KeysChanged(int count);

    [LoggerMessage(Level = LogLevel.Error, Message = "The keys can't be read any more, and those from before stay in force: {Error}")]
    private partial void KeysUnreadable(string error);
}
