using Collector.Model;
using Collector.Storage.Sqlite.Driver;
using Collector.Storage.Sqlite.Segments;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Collector.Storage.Sqlite.Salvage;

/// <summary>Copies what can be read of a damaged file into a new one: rows with their rowids, and what stands beside them.</summary>
internal sealed class SalvagedRows(SqliteConnection source, SqliteConnection target, Func<bool> isStopping)
{
    private const int RowsPerCommit = 10_000;

    // Of salvage_rows.sql.
    private const int Worker = 2;
    private const int Timestamp = 8;
    private const int CreatedAt = 10;
    private const int Kind = 11;

    /// <summary>Why something was left out, the first time; null where all of it is there.</summary>
    public SqliteException? Failure { get; private set; }

    /// <exception cref="SqliteException">The new file can't be written, or the old one is busy.</exception>
    /// <exception cref="OperationCanceledException">It was to stop.</exception>
    public void CopyRows(long last, LostRows lost)
    {
        using var insert = target.Prepare(Sql.Get("salvage_row"));
        for (var first = 1L; first <= last;)
        {
            if (isStopping())
            {
                throw new OperationCanceledException();
            }

            var from = first;
            target.InTransaction(() => first = CopyRows(from, last, insert, lost));
        }
    }

    /// <summary>All but the rows and the file's own description.</summary>
    /// <inheritdoc cref="CopyRows(long, LostRows)"/>
    public void CopyBeside()
    {
        target.InTransaction(() =>
        {
            CopyTable("salvage_resources", "insert_resource");
            CopyTable("salvage_requests", "salvage_request");
            CopyTable("salvage_gaps", "salvage_gap");
            CopyWhole("read_accounts", "upsert_account");
            CopyWhole("salvage_streams", "upsert_stream");
        });
    }

    // Returns where to go on.
    private long CopyRows(long first, long last, SqliteStatement insert, LostRows lost)
    {
        using var rows = source.Prepare(Sql.Get("salvage_rows"));
        var copied = 0;
        var walk = new RowWalk(rows);
        var end = walk.Run(first, last, row =>
        {
            if (!Timestamps.IsColumn(row.Text(Timestamp)) || !IsArrival(row.Text(CreatedAt)))
            {
                Failure ??= SqliteErrors.Damage("the time of a row is none");
            }
            else if (Copy(row, insert))
            {
                lost.Found(
                    row.Integer(0), row.Text(Worker), Names.KindOf(row.Text(Kind)), Timestamps.FromColumn(row.Text(Timestamp)));
            }

            return ++copied < RowsPerCommit;
        });
        Failure ??= walk.Failure;
        return end is { } rowid ? rowid + 1 : last + 1;
    }

    // Rows that another program wrote may have none.
    private static bool IsArrival(ReadOnlySpan<byte> createdAt) => createdAt.IsEmpty || Timestamps.IsColumn(createdAt);

    private void CopyTable(string select, string insert)
    {
        try
        {
            using var rows = source.Prepare(Sql.Get(select));
            using var into = target.Prepare(Sql.Get(insert));
            var walk = new RowWalk(rows);
            walk.Run(0, long.MaxValue - 1, row =>
            {
                Copy(row, into);
                return true;
            });
            Failure ??= walk.Failure;
        }
        catch (SqliteException e) when (SqliteErrors.IsUnreadable(e.SqliteExtendedErrorCode))
        {
            Failure ??= e;
        }
    }

    // Tables without rowids are read from their beginning as far as it goes.
    private void CopyWhole(string select, string insert)
    {
        try
        {
            using var rows = source.Prepare(Sql.Get(select));
            using var into = target.Prepare(Sql.Get(insert));
            while (rows.Read())
            {
                Copy(rows, into);
            }
        }
        catch (SqliteException e) when (SqliteErrors.IsUnreadable(e.SqliteExtendedErrorCode))
        {
            Failure ??= e;
        }
    }

    // False for what is no row of such a table: the page it came from is not what was written.
    private bool Copy(SqliteStatement row, SqliteStatement insert)
    {
        for (var column = 0; column < row.ColumnCount; column++)
        {
            insert.BindFrom(row, column, column + 1);
        }

        var code = insert.Run();
        if (code is raw.SQLITE_OK)
        {
            return true;
        }

        var failure = SqliteErrors.Failure(target.Handle!, code);
        if ((code & 0xFF) is not (raw.SQLITE_CONSTRAINT or raw.SQLITE_MISMATCH))
        {
            throw new IOException($"The new file can't be written: {failure.Message}");
        }

        Failure ??= failure;
        return false;
    }
}
