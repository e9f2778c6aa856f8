using Collector.Model;
using Collector.Storage.Sqlite.Driver;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Collector.Storage.Sqlite.Segments;

/// <summary>
/// The only connection that writes the hot segment. An append is one transaction, which ends in an fsync of the WAL;
/// what went wrong is a value, never an exception.
/// </summary>
internal sealed class SegmentWriter : IDisposable
{
    // Our own result code: rows stand in the file that did not come through here.
    private const int ForeignRows = raw.SQLITE_MISUSE | (255 << 8);

    // As open_writer.sql sets it.
    public const int PageSize = 8192;

    private readonly SqliteConnection _connection;
    private readonly SqliteStatement _begin;
    private readonly SqliteStatement _commit;
    private readonly SqliteStatement _rollback;
    private readonly SqliteStatement _pageCount;
    private readonly RowInsert _rows;
    private readonly ResourceTable _resources;
    private readonly SideTables _kept;
    private readonly Segment _segment;

    // Of the last row inserted, committed or not. The hot index counts on rowids without gaps.
    private long _lastRowid;

    private bool _closed;

    // Since the last checkpoint.
    private int _pagesInWal;

    // Ids of the batch's resources, by their index in the batch.
    private readonly List<long> _resourceIds = [];

    public SegmentWriter(SqliteConnection connection, Segment segment, long lastResourceId)
    {
        _connection = connection;
        _segment = segment;
        _lastRowid = segment.LastRow;
        segment.IsWritten = true;
        _begin = connection.Prepare(Sql.BeginImmediate);
        _commit = connection.Prepare(Sql.Commit);
        _rollback = connection.Prepare(Sql.Rollback);
        _pageCount = connection.Prepare(Sql.Get("page_count"));
        _rows = new RowInsert(connection.Prepare(Sql.Get("insert_row")));
        _resources = new ResourceTable(connection.Prepare(Sql.Get("insert_resource")), lastResourceId);
        _kept = new SideTables(connection);
        // Waiting is the caller's decision: it retries, spools, and keeps its other promises meanwhile.
        connection.WaitForLocks(milliseconds: 0);
        connection.NeverCheckpointByItself();
    }

    /// <summary>
    /// Creates the file in one transaction, with what it takes over. Where that fails, nothing of it stays: a file without
    /// tables would be in the way of every later start.
    /// </summary>
    /// <param name="path">Where no file is.</param>
    /// <param name="name">Of the segment.</param>
    /// <param name="nowNanos">Nanoseconds since 1970.</param>
    /// <param name="carried">Accounts and streams of the segments before.</param>
    /// <param name="creating">Called before the commit; null: nothing is.</param>
    /// <exception cref="SqliteException">The file cannot be had.</exception>
    public static SqliteConnection Create(
        string path, SegmentName name, ulong nowNanos, StoreMemory carried, Action<string>? creating = null)
    {
        SqliteConnection? connection = null;
        try
        {
            connection = Connections.OpenWriter(path);
            connection.Execute(Sql.BeginImmediate);
            connection.Execute(Sql.Get("application_id"));
            foreach (var table in Sql.Tables)
            {
                connection.Execute(table);
            }

            InsertMeta(connection, name, nowNanos);
            using (var kept = new SideTables(connection))
            {
                kept.Carry(carried);
            }

            creating?.Invoke(path);
            connection.Execute(Sql.Commit);
            return connection;
        }
        catch
        {
            connection?.Dispose();
            SegmentFile.TryDelete(path);
            throw;
        }
    }

    /// <summary>Opens a file that is there, to append to it.</summary>
    /// <param name="path">Of the file.</param>
    /// <param name="partial">What it lacks, which it gets; null: nothing.</param>
    /// <exception cref="SqliteException">The file cannot be had.</exception>
    public static SqliteConnection Open(string path, SegmentShape? partial = null)
    {
        var connection = Connections.OpenExistingWriter(path);
        try
        {
            connection.InTransaction(() => partial?.Complete(connection));
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public Segment Segment => _segment;

    /// <summary>
    /// After so many pages the WAL comes into the file. By default 16 MiB: 1 MiB costs 10 % more CPU, 64 MiB saves nothing.
    /// </summary>
    public int CheckpointPages { get; set; } = 2_000;

    /// <summary>
    /// A part of the file could not be brought to the disk. Its rows are still in the WAL, but the next checkpoint would seem to
    /// succeed: nothing more is to be written. Null while all is well.
    /// </summary>
    public string? LostSync { get; private set; }

    /// <summary>Size of the file once all of its WAL has come into it.</summary>
    public long FileBytes
    {
        get
        {
            if (_closed)
            {
                return 0;
            }

            var code = _pageCount.Step();
            var pages = code == raw.SQLITE_ROW ? _pageCount.Integer(0) : 0;
            _pageCount.Reset();
            return pages * PageSize;
        }
    }

    /// <summary>What the next segment takes over.</summary>
    /// <param name="streamsSinceNanos">Only streams seen at or after this time.</param>
    /// <exception cref="SqliteException">It can't be read.</exception>
    public StoreMemory Carried(ulong streamsSinceNanos) => RecoveredState.Carried(_connection, streamsSinceNanos);

    /// <inheritdoc cref="ILogAppender.Append"/>
    public SegmentAppend Append(AppendGroup group)
    {
        if (_closed)
        {
            return new SegmentAppend(raw.SQLITE_MISUSE, "the store is closed");
        }

        // A batch whose slices lie throws its way out and leaves its transaction open.
        TakeBack();
        var code = _begin.Run();
        code = code == raw.SQLITE_OK ? InsertAll(group.Batches) : code;
        code = code == raw.SQLITE_OK ? _kept.Insert(group, _segment.Rows + 1) : code;
        code = code == raw.SQLITE_OK ? _commit.Run() : code;
        if (code != raw.SQLITE_OK)
        {
            return Undo(code);
        }

        _resources.Committed();
        Announce(group.Batches);
        CheckpointIfDue();
        return SegmentAppend.Committed;
    }

    /// <summary>Ends writing and hands the connection over: there is only ever one that writes a segment.</summary>
    public SqliteConnection Release()
    {
        _closed = true;
        _segment.IsWritten = false;
        _begin.Dispose();
        _commit.Dispose();
        _rollback.Dispose();
        _pageCount.Dispose();
        _rows.Dispose();
        _resources.Dispose();
        _kept.Dispose();
        return _connection;
    }

    public void Dispose()
    {
        if (_closed)
        {
            return;
        }

        using var connection = Release();
        if (_segment.IsDamaged || LostSync is not null)
        {
            connection.NeverCheckpointOnClose();
            return;
        }

        try
        {
            connection.CheckpointTruncate();
        }
        catch (SqliteException)
        {
            // All of it is in the WAL, which the next start reads; SQLite would delete it, were it closed as usual.
            connection.NeverCheckpointOnClose();
        }
    }

    private void CheckpointIfDue()
    {
        _pagesInWal += _connection.TakePagesWritten();
        if (_pagesInWal < CheckpointPages)
        {
            return;
        }

        _pagesInWal = 0;
        try
        {
            _connection.CheckpointPassive();
        }
        catch (SqliteException e)
        {
            LostSync = e.Message;
        }
    }

    private static void InsertMeta(SqliteConnection connection, SegmentName name, ulong nowNanos)
    {
        Span<byte> created = stackalloc byte[Timestamps.TextLength];
        Timestamps.Write(nowNanos, created);
        using var insert = connection.Prepare(Sql.Get("insert_meta"));
        insert.Bind(1, SegmentDescription.Format);
        insert.Bind(2, name.Number);
        insert.Bind(3, created);
        insert.Execute();
    }

    private int InsertAll(List<RowBatch> batches)
    {
        for (var i = 0; i < batches.Count; i++)
        {
            var code = InsertBatch(batches[i]);
            if (code != raw.SQLITE_OK)
            {
                return code;
            }
        }

        return raw.SQLITE_OK;
    }

    private int InsertBatch(RowBatch batch)
    {
        if (batch.Pieces is null)
        {
            return InsertRows(batch);
        }

        var rows = 0;
        foreach (var piece in batch.InPieces())
        {
            rows += piece.Count;
            if (InsertRows(piece) is var code && code != raw.SQLITE_OK)
            {
                return code;
            }
        }

        // The ledger and the hot index have counted on it.
        return rows == batch.Count ? raw.SQLITE_OK : throw new InvalidOperationException($"a request of {batch.Count} rows was made anew as {rows}");
    }

    private int InsertRows(RowBatch batch)
    {
        var code = StoreResources(batch);
        if (code != raw.SQLITE_OK)
        {
            return code;
        }

        _rows.BeginBatch(batch);
        var rows = batch.Rows;
        for (var i = 0; i < rows.Length; i++)
        {
            ref readonly var row = ref rows[i];
            code = _rows.Insert(batch, i, row, row.Resource < 0 ? 0 : _resourceIds[row.Resource]);
            if (code != raw.SQLITE_OK)
            {
                return code;
            }
        }

        _lastRowid += rows.Length;
        return rows.Length == 0 || _connection.LastRowid() == _lastRowid ? raw.SQLITE_OK : ForeignRows;
    }

    private int StoreResources(RowBatch batch)
    {
        _resourceIds.Clear();
        for (var i = 0; i < batch.Resources.Count; i++)
        {
            var code = _resources.IdOf(batch.Text(batch.Resources[i]), out var id);
            if (code != raw.SQLITE_OK)
            {
                return code;
            }

            _resourceIds.Add(id);
        }

        return raw.SQLITE_OK;
    }

    private SegmentAppend Undo(int code)
    {
        // The words first: the rollback has its own.
        var failure = code == ForeignRows
            ? SqliteErrors.Of(code, "another program wrote to the hot segment")
            : SqliteErrors.Failure(_connection.Handle!, code);
        TakeBack();
        if ((code & 0xFF) == raw.SQLITE_IOERR)
        {
            CutUnbelieved();
        }

        return new SegmentAppend(failure.SqliteExtendedErrorCode, failure.Message);
    }

    // The frames of a commit whose sync failed stand in the WAL as if it had succeeded, and would be recovered after a kill,
    // beside the same rows in the segment to which their producer sent them again.
    private void CutUnbelieved()
    {
        try
        {
            if (_connection.FramesInWal() is { } frames)
            {
                WalFile.CutBehind(_segment.Path + "-wal", frames, PageSize);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is the disk that failed before.
        }
    }

    private void TakeBack()
    {
        // Some errors (a full disk, lost memory) have rolled back already.
        if (_connection.IsInTransaction())
        {
            _rollback.Run();
        }

        _resources.RolledBack();
        _lastRowid = _segment.LastRow;
    }

    private void Announce(List<RowBatch> batches)
    {
        var rows = 0;
        var first = ulong.MaxValue;
        var last = 0UL;
        for (var i = 0; i < batches.Count; i++)
        {
            rows += batches[i].Count;
            first = Math.Min(first, batches[i].ReceivedNanos);
            last = Math.Max(last, batches[i].ReceivedNanos);
        }

        if (rows > 0)
        {
            _segment.Arrived(first, last);
            // The sealer takes the feed away only after the writer has let go of the segment.
            _segment.Feed!.Committed(batches, rows);
        }
    }
}

/// <summary>What became of an append, in SQLite's own terms.</summary>
/// <param name="Code">Extended result code.</param>
/// <param name="Error">Its words; null when committed.</param>
internal readonly record struct SegmentAppend(int Code, string? Error)
{
    public static SegmentAppend Committed => new(raw.SQLITE_OK, null);

    public AppendResult ToResult() => new(SqliteErrors.Classify(Code), Error);
}
