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

    /// <param name="group">What the transaction stores.</param>
    /// <param name="firstRowid">Of the first row of its first batch.</param>
    /// <returns>SQLITE_OK or an error.</returns>
    public int Insert(AppendGroup group, long firstRowid)
    {
        var code = raw.SQLITE_OK;
        for (var i = 0; i < group.Batches.Count && code == raw.SQLITE_OK; i++)
        {
            var batch = group.Batches[i];
            code = batch.Key is { } key ? InsertRequest(key, batch, firstRowid) : code;
            firstRowid += batch.Count;
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
        var code = Insert(new AppendGroup { Accounts = memory.Accounts, Streams = memory.Streams }, firstRowid: 1);
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

    private int InsertRequest(RequestKey key, RowBatch batch, long firstRowid)
    {
        Span<byte> bytes = stackalloc byte[RequestKey.Length];
        key.Write(bytes);
        _request.BindBlob(1, bytes);
        _request.BindTime(2, batch.ReceivedNanos);
        _request.Bind(3, firstRowid);
        _request.Bind(4, batch.Count);
        _request.BindBlobOrNull(5, batch.Text(batch.GroupOrder));
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
