using System.Text;
using Collector.Storage.Folder;
using Collector.Storage.Sqlite;
using Collector.Storage.Sqlite.Driver;
using Collector.Storage.Sqlite.Segments;
using Collector.Tests.Support;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Collector.Tests.Storage.Sqlite.Search;

/// <summary>
/// How SQLite would answer every question of <c>schema/sqlite</c> on the file of a sealed segment: along an index, or for
/// a reason that stands here. The shapes of <c>page.sql</c> are in <see cref="SqliteRulesTests"/>.
/// </summary>
public sealed class QueryPlanTests : IDisposable
{
    private const string Prefix = "schema/sqlite/";

    /// <summary>What is scanned on purpose, and why that costs no more than its answer.</summary>
    private static readonly Dictionary<string, (string[] Scans, string Why)> _deliberate = new()
    {
        ["begin_snapshot"] = (["sqlite_master"], "is a list of some twenty tables and indexes"),
        ["count_rows"] = (["tail_logs"], "counts what is there, once a check of the folder"),
        ["columns_of_file"] = (["columns", "parts"], "is a list of some twenty tables and indexes with their columns"),
        ["export_extent"] = (["tail_gaps", "tail_logs"], "counts what it has just written, once an export"),
        ["export_gaps"] = (["tail_gaps"], "markers are few: one for each loss"),
        ["export_resources"] = (["tail_resources"], "takes all of them"),
        ["export_rows"] = (["l"], "most of the rows, in order of arrival: an index would read them in leaps"),
        ["export_used_resources"] = (["tail_logs"], "looks at every row that was written, once an export"),
        ["find_gaps"] = (["tail_gaps"], "markers are few: one for each loss"),
        ["has_table"] = (["sqlite_schema"], "is a list of some twenty tables and indexes"),
        ["has_rollups"] = (["tail_rollups"], "ends at the first row"),
        ["is_begun"] = (["tail_gaps", "tail_ledger", "tail_logs"], "ends at the first row"),
        ["outside_view"] = (["tail_span", "tail_span"], "is one row"),
        ["read_accounts"] = (["tail_ledger"], "takes all of them"),
        ["read_meta"] = (["segment_meta"], "is one row"),
        ["recent_requests"] = (["tail_requests"], "once a start, and in order of arrival"),
        ["recent_streams"] = (["tail_streams"], "once a start, and takes most of them"),
        ["segment_contents"] = (["tail_gaps"], "ends at the first row"),
        ["segment_extent"] = (["tail_logs", "tail_logs"], "the first and the last row, each the end of the table"),
        ["spool_accounts"] = (["spool_ledger"], "takes all of them, once a start"),
        ["spool_gaps"] = (["spool_gaps"], "takes all of them, once a start"),
        ["spool_positions"] = (["spool_producers"], "takes all of them, to salvage a damaged file"),
        ["spool_used"] = (["pragma_freelist_count", "pragma_page_count", "pragma_page_size"], "each is one row"),
        ["row_count"] = (["tail_logs"], "a damaged file, once: the smallest index is counted where the table can't be read"),
        ["salvage_streams"] = (["tail_streams"], "a damaged file is copied, once"),
        ["sealed_extent"] = (["tail_logs"], "rows are counted by the smallest index, once a segment"),
        ["text_rows"] = (["tail_logs"], "the text index is built of all rows, once a segment"),
        ["text_stripes"] = (["tail_text_stripes"], "takes all of them, one for each 32,768 rows"),
    };

    private readonly OpenStore _open = new(new SqliteStoreOptions { RowsInTextBlock = 10 });

    [Fact]
    public async Task Every_question_is_answered_along_an_index_or_scans_for_a_reason()
    {
        using var connection = await OpenSealedAsync();
        var asked = 0;
        var wrong = new List<string>();
        foreach (var (file, statement) in Questions())
        {
            var plan = PlanOf(connection, statement);
            var scanned = plan.Where(static line => line.StartsWith("SCAN ", StringComparison.Ordinal))
                .Select(static line => line.Split(' ')[1].Split('.')[^1]).Where(static table => table != "CONSTANT").Order();
            var allowed = _deliberate.TryGetValue(file, out var reason) ? reason.Scans : [];
            // An index that SQLite builds for one question is a scan that does not say so.
            if (!scanned.SequenceEqual(allowed) || plan.Exists(static line => line.Contains("AUTOMATIC", StringComparison.Ordinal)))
            {
                wrong.Add($"{file}: {string.Join("; ", plan)}");
            }

            asked++;
        }

        wrong.ShouldBeEmpty();
        asked.ShouldBeGreaterThan(20);
        _deliberate.Keys.ShouldBeSubsetOf(Questions().Select(static q => q.File));
    }

    [Fact]
    public async Task Counts_are_read_from_an_index_without_the_rows()
    {
        using var connection = await OpenSealedAsync();
        foreach (var counts in new[] { Sql.Get("counts_by_level"), Sql.Get("counts_by_worker") })
        {
            PlanOf(connection, counts).ShouldHaveSingleItem().ShouldContain("USING COVERING INDEX");
        }
    }

    public void Dispose() => _open.Dispose();

    // Each statement with a SELECT, by the file's name.
    private static IEnumerable<(string File, string Statement)> Questions() =>
        from name in typeof(SqliteStore).Assembly.GetManifestResourceNames()
        where name.StartsWith(Prefix, StringComparison.Ordinal) && name != Prefix + "page.sql"
        from statement in Read(name).Split(";\n", StringSplitOptions.RemoveEmptyEntries)
        where statement.Contains("SELECT", StringComparison.Ordinal)
        select (name[Prefix.Length..^".sql".Length], statement);

    private static string Read(string resource)
    {
        using var stream = typeof(SqliteStore).Assembly.GetManifestResourceStream(resource)!;
        using var reader = new StreamReader(stream);
        return string.Join('\n', reader.ReadToEnd().Split('\n').Where(static line => !line.StartsWith("--", StringComparison.Ordinal)));
    }

    private async Task<SqliteConnection> OpenSealedAsync()
    {
        _open.Append([.. Enumerable.Range(0, 100).Select(static i => new SomeRow { Trace = (UInt128)i + 1, RequestId = $"{i}", Resource = "{}" })]);
        _open.Store.Appender.RollOver();
        await _open.IsSealedAsync();
        var sealedFile = _open.Store.Catalog.Segments[0].Path;
        var copy = Path.Combine(_open.Folder, "copy.db");
        File.Copy(sealedFile, copy);
        var connection = Connections.OpenExistingWriter(copy);
        connection.Execute($"ATTACH '{sealedFile}' AS segment");
        connection.Execute(Sql.Get("export_known"));
        connection.Run(Sql.Get("outside_span"), new TimeRange(0, 1));
        connection.Execute(Sql.Get("spool_tables"));
        return connection;
    }

    private static List<string> PlanOf(SqliteConnection connection, string sql)
    {
        using var statement = connection.Prepare("EXPLAIN QUERY PLAN " + sql);
        var plan = new List<string>();
        while (statement.Step() == raw.SQLITE_ROW)
        {
            plan.Add(Encoding.UTF8.GetString(statement.Text(3)));
        }

        return plan;
    }
}
