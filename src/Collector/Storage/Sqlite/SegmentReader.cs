using SQLitePCL;

namespace Collector.Storage.Sqlite;

/// <summary>
/// A read-only connection to one segment with its statements. Between <see cref="Begin"/> and <see cref="TryEnd"/> it
/// sees one state of the file and takes its locks once, not once a row.
/// </summary>
internal sealed class SegmentReader : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteStatement _begin;
    private readonly SqliteStatement _commit;
    private readonly SqliteStatement _row;
    private readonly SqliteStatement _ids;
    private readonly SqliteStatement _contains;

    private SegmentReader(SqliteConnection connection)
    {
        _connection = connection;
        _begin = connection.Prepare(Sql.Begin);
        _commit = connection.Prepare(Sql.Commit);
        _row = connection.Prepare(Sql.RowByRowid);
        _ids = connection.Prepare(Sql.IdsByRowid);
        _contains = connection.Prepare(Sql.ContainsLog);
    }

    public static SegmentReader Open(string path)
    {
        var connection = SqliteConnection.OpenReader(path);
        try
        {
            return new SegmentReader(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public void Begin()
    {
        var code = _begin.Run();
        if (code != raw.SQLITE_OK)
        {
            throw _connection.Failure(code);
        }
    }

    /// <summary>False where the connection is of no further use. Does not throw.</summary>
    public bool TryEnd()
    {
        _row.Reset();
        _ids.Reset();
        return _commit.Run() == raw.SQLITE_OK;
    }

    /// <summary>Reads one row; its memory is valid until the next read. False where there is no such row.</summary>
    public bool TryRead(in Position position, out StoredRow row)
    {
        row = default;
        if (!TryFind(_row, position.Arrival.Row))
        {
            return false;
        }

        row = new StoredRow
        {
            Position = position,
            LogId = _row.Text(0),
            WorkerName = _row.Text(1),
            RequestId = _row.Text(2),
            CorrelationId = _row.Text(3),
            LogLevel = _row.Text(4),
            Message = _row.Text(5),
            ContextJson = _row.Text(6),
            Timestamp = _row.Text(7),
            CreatedAt = _row.Text(8),
            Kind = _row.Text(9),
            TraceId = _row.Text(10),
            SpanId = _row.Text(11),
            ParentSpanId = _row.Text(12),
            Outcome = _row.Text(13),
            ResourceJson = _row.Text(14),
            ExecutionTimeMs = _row.IsNull(15) ? null : _row.Integer(15),
            WallTimeMs = _row.IsNull(16) ? null : _row.Real(16),
        };
        return true;
    }

    /// <summary>Reads only a row's ids; their memory is valid until the next read.</summary>
    public bool TryReadIds(long rowid, out ReadOnlySpan<byte> correlation, out ReadOnlySpan<byte> trace)
    {
        var found = TryFind(_ids, rowid);
        correlation = found ? _ids.Text(0) : default;
        trace = found ? _ids.Text(1) : default;
        return found;
    }

    /// <summary>Whether a row with this log id is committed; outside of <see cref="Begin"/> and <see cref="TryEnd"/>.</summary>
    public bool Contains(ReadOnlySpan<byte> logId)
    {
        _contains.Bind(1, logId);
        var code = _contains.Step();
        _contains.Reset();
        return code switch
        {
            raw.SQLITE_ROW => true,
            raw.SQLITE_DONE => false,
            _ => throw _connection.Failure(code),
        };
    }

    public void Interrupt() => _connection.Interrupt();

    public void Dispose()
    {
        _begin.Dispose();
        _commit.Dispose();
        _row.Dispose();
        _ids.Dispose();
        _contains.Dispose();
        _connection.Dispose();
    }

    private bool TryFind(SqliteStatement statement, long rowid)
    {
        statement.Reset();
        statement.Bind(1, rowid);
        return statement.Step() switch
        {
            raw.SQLITE_ROW => true,
            raw.SQLITE_DONE => false,
            var code => throw _connection.Failure(code),
        };
    }
}
