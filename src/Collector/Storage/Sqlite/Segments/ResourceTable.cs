using System.Buffers.Binary;
using System.Security.Cryptography;
using Collector.Storage.Sqlite.Driver;
using SQLitePCL;

namespace Collector.Storage.Sqlite.Segments;

/// <summary>
/// Keeps each resource once a segment. What it remembers is bounded, and a restart forgets it: then a resource is
/// stored again under a new id, which costs its bytes and nothing else.
/// </summary>
internal sealed class ResourceTable(SqliteStatement insert, long lastId) : IDisposable
{
    private const int MaxRemembered = 10_000;

    // By the first half of the SHA-256: a producer that makes two texts collide must not make them share an id.
    private readonly Dictionary<UInt128, long> _ids = [];
    private readonly List<UInt128> _uncommitted = [];
    private long _lastId = lastId;

    /// <summary>The id of this text, which it inserts where it is new: SQLITE_OK or an error.</summary>
    public int IdOf(ReadOnlySpan<byte> json, out long id)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(json, digest);
        var key = BinaryPrimitives.ReadUInt128LittleEndian(digest);
        if (_ids.TryGetValue(key, out id))
        {
            return raw.SQLITE_OK;
        }

        id = ++_lastId;
        insert.Bind(1, id);
        insert.Bind(2, json);
        var code = insert.Run();
        if (code == raw.SQLITE_OK)
        {
            Remember(key, id);
        }

        return code;
    }

    public void Committed() => _uncommitted.Clear();

    /// <summary>Forgets what the transaction took back. Its ids may stay unused.</summary>
    public void RolledBack()
    {
        foreach (var key in _uncommitted)
        {
            _ids.Remove(key);
        }

        _uncommitted.Clear();
    }

    public void Dispose() => insert.Dispose();

    private void Remember(UInt128 key, long id)
    {
        if (_ids.Count >= MaxRemembered)
        {
            _ids.Clear();
        }

        _ids.Add(key, id);
        _uncommitted.Add(key);
    }
}
