using Collector.Model;
using Collector.Storage.Sqlite.Driver;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Collector.Storage.Sqlite.Segments;

/// <summary>What a transaction stores besides rows: keys of requests, accounts, streams, markers of losses.</summary>
internal sealed class SideTables(SqliteConnection connection) : IDisposable
{
    private readonly SqliteStatement _request = connection.Prepare(Sql.Get("insert_request"));
    private readonly SqliteStatement _account = connection.Prepare(Sql.Get("upsert_account"));
    private readonly SqliteStatement _stream = connection.Prepare(Sql.Get("upsert_stream"));
    private readonly SqliteStatement _gap = connection.Prepare(Sql.Get("insert_gap"));

    /// <summary>SQLITE_OK or an error.</summary>
    public int Insert(AppendGroup group)
    {
        var code = raw.SQLITE_OK;
        for (var i = 0; i < group.Batches.Count && code == raw.SQLITE_OK; i++)
        {
            code = group.Batches[i].Key is { } key ? InsertKey(key, group.Batches[i].ReceivedNanos) : code;
        }

        for (var i = 0; i < group.Accounts.Count && code == raw.SQLITE_OK; i++)
        {
            code = Upsert(group.Accounts[i]);
        }

        for (var i = 0; i < group.Streams.Count && code == raw.SQLITE_OK; i++)
        {
            code = Upsert(group.Streams[i]);
        }

        for (var i = 0; i < group.Gaps.Count && code == raw.SQLITE_OK; i++)
        {
            code = Insert(group.Gaps[i]);
        }

        return code;
    }

    /// <summary>Inserts what a new segment takes over from the one before.</summary>
    /// <exception cref="SqliteException">It can't be.</exception>
    public void Carry(StoreMemory memory)
    {
        var code = Insert(new AppendGroup { Accounts = memory.Accounts, Streams = memory.Streams });
        if (code != raw.SQLITE_OK)
        {
            throw SqliteErrors.Failure(connection.Handle!, code);
        }
    }

    public void Dispose()
    {
        _request.Dispose();
        _account.Dispose();
        _stream.Dispose();
        _gap.Dispose();
    }

    private int InsertKey(RequestKey key, ulong receivedNanos)
    {
        Span<byte> bytes = stackalloc byte[RequestKey.Length];
        key.Write(bytes);
        _request.BindBlob(1, bytes);
        _request.BindTime(2, receivedNanos);
        return _request.Run();
    }

    private int Upsert(in AccountRecord account)
    {
        _account.Bind(1, account.WorkerName);
        _account.Bind(2, account.Json);
        return _account.Run();
    }

    private int Upsert(StreamMark stream)
    {
        _stream.Bind(1, stream.StreamId);
        _stream.Bind(2, (long)stream.HighWater);
        _stream.Bind(3, string.Join(' ', stream.Holes));
        _stream.BindTime(4, stream.SeenNanos);
        return _stream.Run();
    }

    private int Insert(Gap gap)
    {
        _gap.Bind(1, gap.WorkerName);
        _gap.BindTime(2, gap.FromNanos);
        _gap.BindTime(3, gap.ToNanos);
        _gap.Bind(4, gap.Count);
        _gap.Bind(5, gap.Reason);
        return _gap.Run();
    }
}
