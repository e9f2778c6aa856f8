using Collector.Storage.Sqlite.Driver;
using Microsoft.Data.Sqlite;

namespace Collector.Storage.Folder;

/// <summary>
/// Anybody's SQL over a few segments as one view, <c>tail_logs</c>, which shows a span of time. It reads the files
/// beside a Collector that may be running, and can change nothing.
/// </summary>
internal sealed class FolderQuery : IDisposable
{
    /// <summary>SQLite attaches no more files to a connection.</summary>
    public const int MaxSegments = 10;

    private readonly SqliteConnection _connection;
    private readonly IReadOnlyList<SegmentSource> _segments;

    private FolderQuery(SqliteConnection connection, IReadOnlyList<SegmentSource> segments)
    {
        _connection = connection;
        _segments = segments;
    }

    /// <summary>What changed under the question, so that its answer may be wrong; asked when it has ended.</summary>
    public IEnumerable<string> Disturbed =>
        _segments.Where(static segment => !segment.IsAsItWas).Select(static segment => segment.Path);

    /// <param name="segments">At most <see cref="MaxSegments"/>.</param>
    /// <param name="range">What the view shows.</param>
    /// <exception cref="StoreUnavailableException">A segment can't be opened.</exception>
    public static FolderQuery Open(IReadOnlyList<SegmentSource> segments, TimeRange range)
    {
        var connection = Connections.OpenScratch();
        try
        {
            // Where no segment matches, the view shows these empty ones.
            connection.Execute(Sql.Get("tail_logs"));
            connection.Execute(Sql.Get("tail_resources"));
            for (var i = 0; i < segments.Count; i++)
            {
                connection.Attach(segments[i], NameOf(i));
            }

            connection.Run(Sql.Get("outside_span"), range);
            connection.Execute("CREATE TEMP VIEW tail_logs AS " + ViewOf(segments.Count));
            connection.Execute("PRAGMA query_only = ON");
            return new FolderQuery(connection, segments);
        }
        catch (SqliteException e)
        {
            connection.Dispose();
            throw new StoreUnavailableException($"The segments can't be opened: {e.Message}");
        }
    }

    /// <exception cref="QueryException">It is not a query, or fails; the message is for its author.</exception>
    public FolderAnswer Ask(string sql)
    {
        try
        {
            return new FolderAnswer(_connection.PrepareOnly(sql));
        }
        catch (SqliteException e)
        {
            throw new QueryException(e.Message);
        }
    }

    /// <summary>Stops the question that is being answered, which then throws; any thread may call it.</summary>
    public void Interrupt() => _connection.Interrupt();

    public void Dispose() => _connection.Dispose();

    private static string NameOf(int index) => $"segment{index + 1}";

    private static string ViewOf(int segments) => segments == 0
        ? Sql.Get("outside_view")
        : string.Join(" UNION ALL ", Enumerable.Range(0, segments)
            .Select(static i => Sql.Get("outside_view").Replace("main.", NameOf(i) + ".", StringComparison.Ordinal)));
}

/// <summary>A query that SQLite can't answer, in words for its author.</summary>
internal sealed class QueryException(string message) : Exception(message);
