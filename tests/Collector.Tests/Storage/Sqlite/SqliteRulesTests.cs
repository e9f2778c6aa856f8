using System.Text;
using System.Text.RegularExpressions;
using Collector.Storage;
using Collector.Storage.Folder;
using Collector.Storage.Sqlite;
using Collector.Storage.Sqlite.Driver;
using Collector.Storage.Sqlite.Search;
using Collector.Storage.Sqlite.Segments;
using Collector.Tests.Support;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Collector.Tests.Storage.Sqlite;

public sealed partial class SqliteRulesTests
{
    private const string Folder = "schema/sqlite/";

    public static TheoryData<string> Files =>
    [
        .. typeof(SqliteStore).Assembly.GetManifestResourceNames()
            .Where(static n => n.StartsWith(Folder, StringComparison.Ordinal) && n != Folder + "page.sql"),
    ];

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_sql_file_prepares_on_a_fresh_segment(string file)
    {
        using var folder = new TemporaryFolder();
        using var connection = SegmentWriter.Create(folder.File("segment-000001.db"), SegmentName.First, Some.Noon, StoreMemory.Empty);
        AddIndexes(connection);
        connection.Execute(Sql.Get("spool_tables"));
        // What the statements of "collector sql" and "collector export" find when they run.
        using var other = SegmentWriter.Create(folder.File("segment-000002.db"), SegmentName.First.Next, Some.Noon, StoreMemory.Empty);
        connection.Execute($"ATTACH '{folder.File("segment-000002.db")}' AS segment");
        connection.Execute(Sql.Get("export_known"));
        connection.Run(Sql.Get("outside_span"), new TimeRange(0, 1));
        using var stream = typeof(SqliteStore).Assembly.GetManifestResourceStream(file)!;
        using var reader = new StreamReader(stream);
        var statements = 0;
        foreach (var sql in reader.ReadToEnd().Split(";\n", StringSplitOptions.RemoveEmptyEntries))
        {
            Should.NotThrow(() => connection.Prepare(sql).Dispose(), file);
            statements++;
        }

        statements.ShouldBePositive(file);
    }

    [Fact]
    public void Every_name_that_is_asked_for_is_a_file_and_every_file_is_asked_for()
    {
        var files = typeof(SqliteStore).Assembly.GetManifestResourceNames()
            .Where(static n => n.StartsWith(Folder, StringComparison.Ordinal)).Select(static n => n[Folder.Length..^".sql".Length]).ToHashSet();
        var text = string.Join('\n', Repository.Sources().Where(static file => file.Path.StartsWith("Storage/", StringComparison.Ordinal))
            .SelectMany(static file => file.Lines));

        AskedFor().Matches(text).Select(static match => match.Groups[1].Value).ShouldBeSubsetOf(files);
        files.Where(file => !text.Contains($"\"{file}\"", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    // A statement per shape: descending or not, with and without each condition.
    [Fact]
    public void Every_page_of_a_sealed_segment_is_read_along_an_index_in_its_order()
    {
        using var folder = new TemporaryFolder();
        using var connection = SegmentWriter.Create(folder.File("segment-000001.db"), SegmentName.First, Some.Noon, StoreMemory.Empty);
        AddIndexes(connection);
        for (var bits = 0; bits < 256; bits++)
        {
            var shape = new PageShape
            {
                Descending = (bits & 1) != 0,
                HasCorrelation = (bits & 2) != 0,
                HasTrace = (bits & 4) != 0,
                HasWorker = (bits & 8) != 0,
                HasLevel = (bits & 16) != 0,
                HasRequest = (bits & 32) != 0,
                HasKind = (bits & 64) != 0,
                HasOutcome = (bits & 128) != 0,
            };
            var plan = PlanOf(connection, PageSql.For(shape));
            plan.ShouldContain("INDEX tail_logs_", Case.Sensitive, shape.ToString());
            plan.ShouldNotContain("SCAN", Case.Sensitive, shape.ToString());
            // An id has few rows; a worker is asked for one level at a time; all else must come in order by itself.
            var isSorted = !shape.HasCorrelation && !shape.HasTrace && !shape.HasRequest && (!shape.HasWorker || shape.HasLevel);
            (isSorted && plan.Contains("TEMP B-TREE", StringComparison.Ordinal)).ShouldBeFalse(shape + plan);
        }
    }

    [Theory]
    [InlineData(raw.SQLITE_OK, AppendStatus.Committed)]
    [InlineData(raw.SQLITE_BUSY, AppendStatus.Transient)]
    [InlineData(raw.SQLITE_FULL, AppendStatus.Transient)]
    [InlineData(raw.SQLITE_IOERR_FSYNC, AppendStatus.Fatal)]
    [InlineData(raw.SQLITE_CONSTRAINT_CHECK, AppendStatus.Permanent)]
    [InlineData(raw.SQLITE_TOOBIG, AppendStatus.Permanent)]
    [InlineData(raw.SQLITE_CORRUPT, AppendStatus.Fatal)]
    [InlineData(raw.SQLITE_NOTADB, AppendStatus.Fatal)]
    [InlineData(raw.SQLITE_IOERR | (33 << 8), AppendStatus.Fatal)]
    [InlineData(raw.SQLITE_ERROR, AppendStatus.Fatal)]
    public void A_result_code_has_one_meaning(int code, object meaning) =>
        SqliteErrors.Classify(code).ShouldBe(meaning);

    [Theory]
    [InlineData("segment-000001.db", 1)]
    [InlineData("segment-1234567.db", 1_234_567)]
    [InlineData("segment-000000.db", 0)]
    [InlineData("segment-1.db", 0)]
    [InlineData("segment-000001.db-wal", 0)]
    [InlineData("segment--00001.db", 0)]
    [InlineData("segment-99999999999.db", 0)]
    [InlineData("segment-.db", 0)]
    [InlineData("segment-db", 0)]
    public void A_segment_name_is_taken_only_in_its_own_form(string text, int number)
    {
        SegmentName.TryParse(text, out var name).ShouldBe(number > 0);
        name.Number.ShouldBe(number);
    }

    [Fact]
    public void Empty_text_is_bound_as_text_and_not_as_null()
    {
        using var folder = new TemporaryFolder();
        using var connection = Connections.OpenWriter(folder.File("x.db"));
        using var statement = connection.Prepare("SELECT typeof(?1)");
        statement.Bind(1, default(ReadOnlySpan<byte>));
        statement.Step().ShouldBe(raw.SQLITE_ROW);
        Encoding.UTF8.GetString(statement.Text(0)).ShouldBe("text");
    }

    private static void AddIndexes(SqliteConnection connection)
    {
        connection.Execute(Sql.Get("tail_rollups"));
        connection.Execute(Sql.Get("tail_text"));
        foreach (var index in Sql.Indexes)
        {
            connection.Execute(index);
        }
    }

    private static string PlanOf(SqliteConnection connection, string sql)
    {
        using var statement = connection.Prepare("EXPLAIN QUERY PLAN " + sql);
        var plan = new StringBuilder();
        while (statement.Step() == raw.SQLITE_ROW)
        {
            plan.AppendLine(Encoding.UTF8.GetString(statement.Text(3)));
        }

        return plan.ToString();
    }

    [GeneratedRegex("""(?:Sql\.Get|Prepared)\("(\w+)"\)""")]
    private static partial Regex AskedFor();
}
