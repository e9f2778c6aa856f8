using System.IO.Hashing;
using Collector.Model;
using Collector.Storage.Sqlite.Driver;
using Microsoft.Data.Sqlite;

namespace Collector.Storage.Sqlite.Spool;

/// <summary>One file of spooled requests and the only connection to it. Every member may throw <see cref="SqliteException"/>.</summary>
internal sealed class SpoolDatabase : IDisposable
{
    public const int PageSize = 4096;

    private const int Version = 1;

    // The schema, the map of pages for the vacuum, and the roots of four tables.
    private const long EmptyBytes = 6 * PageSize;

    // 4 MiB.
    private const int CheckpointPages = 1_000;

    private readonly SqliteConnection _connection;
    private readonly SqliteStatement _insertEntry;
    private readonly SqliteStatement _insertProducer;
    private readonly SqliteStatement _head;
    private readonly SqliteStatement _payload;
    private readonly SqliteStatement _producers;
    private readonly SqliteStatement _used;
    private int _pagesInWal;

    private SpoolDatabase(SqliteConnection connection)
    {
        _connection = connection;
        connection.NeverCheckpointByItself();
        _insertEntry = connection.Prepare(Sql.Get("spool_insert_entry"));
        _insertProducer = connection.Prepare(Sql.Get("spool_insert_producer"));
        _head = connection.Prepare(Sql.Get("spool_heads"));
        _payload = connection.Prepare(Sql.Get("spool_payload"));
        _producers = connection.Prepare(Sql.Get("spool_producers"));
        _used = connection.Prepare(Sql.Get("spool_used"));
    }

    /// <summary>Opens the file, or creates it, or completes a creation that was cut short.</summary>
    public static SpoolDatabase Open(string path) => Open(path, complete: true);

    /// <summary>As <see cref="Open(string)"/>, but it is not one until <see cref="Complete"/>.</summary>
    public static SpoolDatabase Begin(string path) => Open(path, complete: false);

    /// <summary>From now on it is one.</summary>
    public void Complete() => _connection.Execute(Sql.Get("spool_mark"));

    /// <summary>Whether the file was completed; one that is not there, or is none, was not.</summary>
    public static bool IsComplete(string path)
    {
        if (!File.Exists(path))
        {
            return false;
        }

        try
        {
            using var connection = Connections.OpenSpool(path);
            return VersionOf(connection) == Version;
        }
        catch (SqliteException)
        {
            return false;
        }
    }

    /// <summary>Bytes of the pages in use, without those of an empty spool.</summary>
    public long UsedBytes
    {
        get
        {
            _used.ReadFirst();
            var bytes = _used.Integer(0);
            _used.Reset();
            return Math.Max(0, bytes - EmptyBytes);
        }
    }

    public long LastPosition
    {
        get
        {
            using var last = _connection.Prepare(Sql.Get("spool_last"));
            last.ReadFirst();
            return last.Integer(0);
        }
    }

    public void Append(IReadOnlyList<SpoolEntry> entries) => _connection.InTransaction(() =>
    {
        foreach (var entry in entries)
        {
            Insert(entry);
        }
    });

    public void Keep(IReadOnlyList<AccountRecord> accounts, IReadOnlyList<Gap> gaps) => _connection.InTransaction(() =>
    {
        using var upsert = _connection.Prepare(Sql.Get("spool_upsert_account"));
        foreach (var account in accounts)
        {
            upsert.Bind(1, account.WorkerName);
            upsert.Bind(2, account.Json);
            upsert.Execute();
        }

        _connection.Execute(Sql.Get("spool_clear_gaps"));
        using var insert = _connection.Prepare(Sql.Get("spool_insert_gap"));
        foreach (var gap in gaps)
        {
            insert.Bind(1, gap.WorkerName);
            insert.BindTime(2, gap.FromNanos);
            insert.BindTime(3, gap.ToNanos);
            insert.Bind(4, gap.Count);
            insert.Bind(5, gap.Reason);
            insert.Execute();
        }
    });

    /// <summary>The first request behind a position; null at the end.</summary>
    public SpooledRequest? ReadHead(long after)
    {
        _head.Bind(1, after);
        try
        {
            if (!_head.Read())
            {
                return null;
            }

            var position = _head.Integer(0);
            RequestKey? key = _head.Text(1) is { Length: RequestKey.Length } bytes ? RequestKey.Of(bytes) : null;
            var stream = _head.IsNull(3) ? null : StreamOf(_head.String(3), _head.String(4));
            return new SpooledRequest(position, key, Timestamps.FromColumn(_head.Text(2)), ReadProducers(position), stream);
        }
        finally
        {
            _head.Reset();
        }
    }

    /// <summary>The payload of a request; null where its bytes have changed, or it is not there.</summary>
    public byte[]? ReadPayload(long position)
    {
        _payload.Bind(1, position);
        try
        {
            return _payload.Read() && ChecksumOf(_payload.Text(1)) == _payload.Integer(0) ? _payload.Text(1).ToArray() : null;
        }
        finally
        {
            _payload.Reset();
        }
    }

    /// <summary>Each worker's rows of each entry, by the tree that has no payloads.</summary>
    public IEnumerable<(long Position, string Worker, int Rows)> ReadAllProducers()
    {
        using var all = _connection.Prepare(Sql.Get("spool_positions"));
        while (all.Read())
        {
            yield return (all.Integer(0), all.String(1), (int)all.Integer(2));
        }
    }

    public List<AccountRecord> ReadAccounts()
    {
        var accounts = new List<AccountRecord>();
        using var rows = _connection.Prepare(Sql.Get("spool_accounts"));
        while (rows.Read())
        {
            accounts.Add(new AccountRecord(rows.String(0), rows.String(1)));
        }

        return accounts;
    }

    public List<Gap> ReadGaps()
    {
        var gaps = new List<Gap>();
        using var rows = _connection.Prepare(Sql.Get("spool_gaps"));
        while (rows.Read())
        {
            gaps.Add(new Gap(
                rows.String(0), Timestamps.FromColumn(rows.Text(1)), Timestamps.FromColumn(rows.Text(2)), rows.Integer(3), rows.String(4)));
        }

        return gaps;
    }

    public void Delete(long through) => _connection.InTransaction(() =>
    {
        foreach (var file in (string[])["spool_delete_entries", "spool_delete_producers"])
        {
            using var delete = _connection.Prepare(Sql.Get(file));
            delete.Bind(1, through);
            delete.Execute();
        }
    });

    /// <summary>Brings the WAL into the file where it is due; a failure means that the file is to be given up.</summary>
    public void CheckpointIfDue()
    {
        _pagesInWal += _connection.TakePagesWritten();
        if (_pagesInWal >= CheckpointPages)
        {
            _pagesInWal = 0;
            _connection.CheckpointPassive();
        }
    }

    /// <summary>Gives the disk back what an empty spool does not need.</summary>
    public void Shrink()
    {
        using (var vacuum = _connection.Prepare(Sql.Get("spool_shrink")))
        {
            while (vacuum.Read())
            {
                // It frees a page a step.
            }
        }

        _connection.CheckpointTruncate();
    }

    /// <summary>Closes it without another write: for a file whose sync failed.</summary>
    public void Abandon()
    {
        _connection.NeverCheckpointOnClose();
        Dispose();
    }

    public void Dispose()
    {
        _insertEntry.Dispose();
        _insertProducer.Dispose();
        _head.Dispose();
        _payload.Dispose();
        _producers.Dispose();
        _used.Dispose();
        _connection.Dispose();
    }

    private static SpoolDatabase Open(string path, bool complete)
    {
        var connection = Connections.OpenSpool(path);
        try
        {
            var version = VersionOf(connection);
            if (version > Version)
            {
                throw SqliteErrors.Of(SQLitePCL.raw.SQLITE_NOTADB, $"it has format {version}, written by a newer Collector");
            }

            connection.InTransaction(() => connection.Execute(Sql.Get("spool_tables")));
            if (complete && version < Version)
            {
                connection.Execute(Sql.Get("spool_mark"));
            }

            return new SpoolDatabase(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static long VersionOf(SqliteConnection connection)
    {
        using var version = connection.Prepare(Sql.Get("spool_version"));
        version.ReadFirst();
        return version.Integer(0);
    }

    private void Insert(in SpoolEntry entry)
    {
        var request = entry.Request;
        Span<byte> key = stackalloc byte[RequestKey.Length];
        request.Key.GetValueOrDefault().Write(key);
        _insertEntry.Bind(1, request.Position);
        _insertEntry.BindBlobOrNull(2, request.Key is null ? [] : key);
        _insertEntry.BindTime(3, request.ReceivedNanos);
        if (request.Stream is { } stream)
        {
            _insertEntry.Bind(4, stream.StreamId);
            _insertEntry.Bind(5, string.Join(' ', stream.Ranges));
        }
        else
        {
            _insertEntry.BindNull(4);
            _insertEntry.BindNull(5);
        }

        _insertEntry.Bind(6, ChecksumOf(entry.Payload.Span));
        _insertEntry.BindBlob(7, entry.Payload.Span);
        _insertEntry.Execute();
        // SQLite keeps a copy of it as long as it is bound.
        _insertEntry.BindNull(7);
        foreach (var (worker, rows) in request.Producers)
        {
            _insertProducer.Bind(1, request.Position);
            _insertProducer.Bind(2, worker);
            _insertProducer.Bind(3, rows);
            _insertProducer.Execute();
        }
    }

    private List<(string Worker, int Rows)> ReadProducers(long position)
    {
        var producers = new List<(string, int)>();
        _producers.Bind(1, position);
        try
        {
            while (_producers.Read())
            {
                producers.Add((_producers.String(0), (int)_producers.Integer(1)));
            }
        }
        finally
        {
            _producers.Reset();
        }

        return producers;
    }

    private static long ChecksumOf(ReadOnlySpan<byte> payload) => (long)XxHash3.HashToUInt64(payload);

    private static StreamPart StreamOf(string id, string ranges)
    {
        var part = new StreamPart(id);
        foreach (var piece in ranges.AsSpan().Split(' '))
        {
            if (SequenceRange.TryParse(ranges.AsSpan()[piece], out var range))
            {
                part.Add(range);
            }
        }

        return part;
    }
}
