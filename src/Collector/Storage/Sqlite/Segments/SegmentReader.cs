using Collector.Model;
using Collector.Storage.Sqlite.Driver;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Collector.Storage.Sqlite.Segments;

/// <summary>
/// A read-only connection to one segment with its statements, each prepared when it is first needed. Between
/// <see cref="Begin"/> and <see cref="TryEnd"/> it sees one state of the file and takes its locks once, not once a row.
/// </summary>
internal sealed class SegmentReader : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SegmentShape? _partial;

    // By the name of their file, or by their text where they have none.
    private readonly Dictionary<string, SqliteStatement> _statements = new(StringComparer.Ordinal);

    private SegmentReader(SqliteConnection connection, SegmentShape? partial)
    {
        _connection = connection;
        _partial = partial;
    }

    /// <summary>For what is asked too seldom to keep a statement for.</summary>
    public SqliteConnection Connection => _connection;

    /// <param name="path">The segment's file.</param>
    /// <param name="immutable">It is sealed and has left its WAL: no locks, no look for changes.</param>
    /// <param name="partial">What the file lacks, which reads as empty; null: nothing.</param>
    public static SegmentReader Open(string path, bool immutable, SegmentShape? partial = null)
    {
        var connection = immutable ? Connections.OpenImmutable(path) : Connections.OpenReader(path);
        try
        {
            partial?.AddViews(connection);
            return new SegmentReader(connection, partial);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <param name="cancellation">Ends what is read before <see cref="TryEnd"/>.</param>
    public void Begin(CancellationToken cancellation)
    {
        _connection.StopWith(cancellation.CanBeCanceled ? cancellation : null);
        PreparedText(Sql.Begin).Execute();
    }

    /// <summary>False where the connection is of no further use. Does not throw.</summary>
    public bool TryEnd()
    {
        _connection.StopWith(null);
        foreach (var statement in _statements.Values)
        {
            statement.Reset();
        }

        return PreparedText(Sql.Commit).Run() == raw.SQLITE_OK;
    }

    /// <summary>Reads one row; its memory is valid until the next read. False where there is no such row.</summary>
    public bool TryRead(in Position position, out StoredRow row)
    {
        row = default;
        var found = Prepared("row_by_rowid");
        if (!TryFind(found, position.Arrival.Row))
        {
            return false;
        }

        row = RowOf(found, 0, position);
        return true;
    }

    /// <summary>As <see cref="TryRead"/>, without its resource.</summary>
    public bool TryReadAlone(in Position position, out StoredRow row)
    {
        row = default;
        var found = Prepared("rows_alone");
        found.Reset();
        found.Bind(1, position.Arrival.Row);
        found.Bind(2, position.Arrival.Row);
        if (!found.Read())
        {
            return false;
        }

        row = RowOf(found, 1, position);
        return true;
    }

    /// <summary>
    /// Gives the rows between two of a segment, both included, in order of arrival. Returns the last one given where the
    /// sink wants no more, else null.
    /// </summary>
    /// <param name="first">The first row.</param>
    /// <param name="last">The last rowid.</param>
    /// <param name="sink">Gets them.</param>
    /// <param name="failure">Why rows were left out that can't be read; null where none was.</param>
    public Arrival? Read(Arrival first, long last, IRowSink sink, out SqliteException? failure)
    {
        var (next, stopped, isEnd) = (first.Row, default(long?), false);
        failure = null;
        while (!isEnd)
        {
            // With their resources as far as it goes.
            var rows = Prepared(failure is null ? "rows_by_rowid" : "rows_alone");
            var walk = new RowWalk(rows, stopAtFailure: failure is null);
            stopped = walk.Run(next, last, row =>
            {
                next = row.Integer(0) + 1;
                return sink.Accept(RowAt(row, first.Segment));
            });
            isEnd = walk.Failure is null || failure is not null;
            failure ??= walk.Failure;
        }

        return stopped is { } rowid ? first with { Row = rowid } : null;
    }

    /// <summary>A row of <c>rows_by_rowid.sql</c> or <c>rows_alone.sql</c>.</summary>
    public static StoredRow RowAt(SqliteStatement rows, int segment) =>
        RowOf(rows, 1, new Position(Timestamps.FromColumn(rows.Text(8)), new Arrival(segment, rows.Integer(0))));

    /// <summary>Reads only a row's ids; their memory is valid until the next read.</summary>
    public bool TryReadIds(long rowid, out ReadOnlySpan<byte> correlation, out ReadOnlySpan<byte> trace, out ReadOnlySpan<byte> request)
    {
        var ids = Prepared("ids_by_rowid");
        var found = TryFind(ids, rowid);
        correlation = found ? ids.Text(0) : default;
        trace = found ? ids.Text(1) : default;
        request = found ? ids.Text(2) : default;
        return found;
    }

    /// <summary>Whether a row with this log id is committed; outside of <see cref="Begin"/> and <see cref="TryEnd"/>.</summary>
    public bool Contains(ReadOnlySpan<byte> logId)
    {
        var contains = Prepared("contains_log");
        contains.Bind(1, logId);
        var found = contains.Read();
        contains.Reset();
        return found;
    }

    /// <summary>The statement of a file, kept with this connection; the caller resets it.</summary>
    public SqliteStatement Prepared(string name) =>
        _statements.TryGetValue(name, out var statement) ? statement : Keep(name, Sql.Get(name));

    /// <summary>As <see cref="Prepared"/>, for a text that is composed.</summary>
    public SqliteStatement PreparedText(string sql) => _statements.TryGetValue(sql, out var statement) ? statement : Keep(sql, sql);

    public void Interrupt() => _connection.Interrupt();

    public void Dispose()
    {
        foreach (var statement in _statements.Values)
        {
            statement.Dispose();
        }

        _connection.Dispose();
    }

    private static StoredRow RowOf(SqliteStatement row, int first, Position position) => new()
    {
        Position = position,
        LogId = row.Text(first),
        WorkerName = row.Text(first + 1),
        RequestId = row.Text(first + 2),
        CorrelationId = row.Text(first + 3),
        LogLevel = row.Text(first + 4),
        Message = row.Text(first + 5),
        ContextJson = row.Text(first + 6),
        Timestamp = row.Text(first + 7),
        CreatedAt = row.Text(first + 8),
        Kind = row.Text(first + 9),
        TraceId = row.Text(first + 10),
        SpanId = row.Text(first + 11),
        ParentSpanId = row.Text(first + 12),
        Outcome = row.Text(first + 13),
        ResourceJson = row.Text(first + 14),
        ExecutionTimeMs = row.IsNull(first + 15) ? null : row.Integer(first + 15),
        WallTimeMs = row.IsNull(first + 16) ? null : row.Real(first + 16),
    };

    private static bool TryFind(SqliteStatement statement, long rowid)
    {
        statement.Reset();
        statement.Bind(1, rowid);
        return statement.Read();
    }

    private SqliteStatement Keep(string key, string sql)
    {
        var statement = _connection.Prepare(_partial?.Fit(sql) ?? sql);
        _statements.Add(key, statement);
        return statement;
    }
}
