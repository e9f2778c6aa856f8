using System.Diagnostics;
using Collector.Model;
using Collector.Storage.Sqlite;
using Collector.Storage.Sqlite.Driver;
using Collector.Storage.Sqlite.Segments;
using Collector.Storage.Sqlite.TextIndex;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Collector.Benchmarks.Reference;

/// <summary>
/// The table of the schema in one plain SQLite file, written with Collector's own pragmas (WAL, synchronous FULL) and its
/// own insert, and nothing else of it: no queue, no network, no hot index, no ledger.
/// </summary>
internal sealed class ReferenceTable : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteStatement _begin;
    private readonly SqliteStatement _commit;
    private readonly RowInsert _insert;

    public ReferenceTable(string path, bool keepsIndexesLive)
    {
        _connection = Connections.OpenWriter(path);
        _connection.KeepTemporaryFilesIn(Path.GetDirectoryName(path)!);
        foreach (var statement in keepsIndexesLive ? [Sql.Tables[0], .. Sql.Indexes] : Sql.Tables.Take(1))
        {
            _connection.Execute(statement);
        }

        _begin = _connection.Prepare(Sql.BeginImmediate);
        _commit = _connection.Prepare(Sql.Commit);
        _insert = new RowInsert(_connection.Prepare(Sql.Get("insert_row")));
    }

    /// <summary>Appends rows, so many a transaction; what it cost, without the making of the rows.</summary>
    public Cost Append(RowSource source, long rows, int rowsPerTransaction)
    {
        // So many rows are held at a time: their making is not measured, and their memory is bounded.
        const int Chunk = 20_000;
        var cost = default(Cost);
        for (var left = rows; left > 0;)
        {
            var batches = new List<RowBatch>();
            for (var made = 0; made < Math.Min(left, Chunk); made += batches[^1].Count)
            {
                batches.Add(source.Next());
            }

            left -= batches.Sum(static batch => batch.Count);
            cost += Cost.Of(() => Append(batches, rowsPerTransaction));
            batches.ForEach(static batch => batch.Dispose());
        }

        return cost;
    }

    /// <summary>Builds all indexes in bulk, as sealing does.</summary>
    public Cost BuildIndexes() => Cost.Of(() =>
    {
        foreach (var index in Sql.Indexes)
        {
            _connection.Execute(index);
            _connection.CheckpointPassive();
        }

        _connection.CheckpointTruncate();
    });

    /// <summary>Builds the text index, as sealing does.</summary>
    public Cost BuildTextIndex() => Cost.Of(() =>
    {
        Check(_begin.Run());
        TextIndexBuilder.Build(_connection, new SqliteStoreOptions().RowsInTextBlock);
        Check(_commit.Run());
        _connection.CheckpointTruncate();
    });

    public void Dispose()
    {
        _begin.Dispose();
        _commit.Dispose();
        _insert.Dispose();
        _connection.Dispose();
    }

    private void Append(List<RowBatch> batches, int rowsPerTransaction)
    {
        var open = 0;
        foreach (var batch in batches)
        {
            Check(open == 0 ? _begin.Run() : raw.SQLITE_OK);
            _insert.BeginBatch(batch);
            for (var i = 0; i < batch.Count; i++)
            {
                Check(_insert.Insert(batch, i, batch.Rows[i], resourceId: 1));
            }

            open += batch.Count;
            if (open >= rowsPerTransaction)
            {
                Check(_commit.Run());
                open = 0;
            }
        }

        Check(open > 0 ? _commit.Run() : raw.SQLITE_OK);
    }

    private void Check(int code)
    {
        if (code != raw.SQLITE_OK)
        {
            throw SqliteErrors.Failure(_connection.Handle!, code);
        }
    }
}

/// <param name="Cpu">Seconds of this process.</param>
/// <param name="Wall">Seconds.</param>
internal readonly record struct Cost(double Cpu, double Wall)
{
    public static Cost operator +(Cost one, Cost other) => new(one.Cpu + other.Cpu, one.Wall + other.Wall);

    public static Cost Of(Action work)
    {
        var cpu = Environment.CpuUsage.TotalTime;
        var since = Stopwatch.GetTimestamp();
        work();
        return new Cost((Environment.CpuUsage.TotalTime - cpu).TotalSeconds, Stopwatch.GetElapsedTime(since).TotalSeconds);
    }
}
