using Collector.Storage;
using Collector.Storage.Sqlite.Driver;
using Collector.Storage.Sqlite.Segments;
using Collector.Tests.Support;
using Microsoft.Data.Sqlite;

namespace Collector.Tests.Storage.Sqlite;

/// <summary>
/// No single file stops a start: whatever bears a segment's name, wherever it stands, costs itself, is said by name and in
/// right words, and the others answer and take rows.
/// </summary>
public sealed class OddFileTests : IDisposable
{
    private const int Segments = 3;

    private static readonly string[] _whatever =
    [
        "a text", "nothing in it", "a table's worth of zeros", "cut to half", "cut to its first page", "foreign", "foreign with an id", "foreign namesake",
        "newer", "older than any", "a copy", "a folder", "a folder with a file", "a dead link", "no tail_gaps", "no tail_ledger", "no tail_requests",
        "no tail_streams", "no tail_rollups", "no tail_resources", "no outcome", "no meta row", "no segment_meta", "bad ledger", "bad requests", "bad streams",
    ];

    private readonly OpenStore _open = new(new SqliteStoreOptions { RowsInTextBlock = 10 });

    public static TheoryData<string, int> Cases
    {
        get
        {
            var cases = new TheoryData<string, int>();
            foreach (var kind in _whatever)
            {
                for (var segment = 1; segment <= Segments; segment++)
                {
                    cases.Add(kind, segment);
                }
            }

            return cases;
        }
    }

    public void Dispose() => _open.Dispose();

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Whatever_bears_a_segments_name_costs_itself_and_no_more(string kind, int segment)
    {
        var path = await StoreWithAsync(kind, segment);
        var before = Contents(path);

        _open.Restart();
        await _open.Store.Reader.Ready;

        var isTold = _open.Store.Appender.TakeLosses().Any(static loss => loss.Gaps.Count > 0);
        var others = Enumerable.Range(1, Segments).Where(n => n != segment).Select(static n => $"in {n}");
        var found = _open.Store.Reader.Messages(new LogQuery { Descending = false });
        found.Where(message => message != $"in {segment}").ShouldBe(others);
        _open.Append(new SomeRow { Message = "later", Nanos = Some.Noon + 99 });
        _open.Store.Reader.Messages(new LogQuery { Limit = 1 }).ShouldBe(["later"]);
        _open.Store.Reader.LastSeen(CancellationToken.None).ShouldNotBeEmpty();
        _open.Store.Reader.Measure(new MetricsQuery { From = 0, To = Some.Noon * 2, Step = Some.Noon }, CancellationToken.None);
        _open.Store.Reader.FindGaps(null, 0, ulong.MaxValue, CancellationToken.None);

        if (_open.Store.Catalog.Unreadable.SingleOrDefault() is { } marked)
        {
            marked.Name.ShouldBe($"segment-00000{segment}.db");
            _open.Log.Errors.ShouldContain(e => e.Contains(marked.Name, StringComparison.Ordinal));
        }
        else if (!found.Contains($"in {segment}"))
        {
            (isTold || kind is "nothing in it" or "a table's worth of zeros").ShouldBeTrue(kind);
        }

        if (kind is "newer" or "foreign" or "foreign with an id" or "foreign namesake" or "a copy" or "a folder" or "a folder with a file" or "a dead link")
        {
            Contents(path).ShouldBe(before, "it is left alone");
            _open.Store.Catalog.Segments[^1].Name.Number.ShouldBe(Math.Max(Segments, segment) + (segment == Segments ? 1 : 0));
        }

        // Said once, and never in the way again.
        _open.Restart();
        await _open.Store.Reader.Ready;
        _open.Store.Reader.Messages(new LogQuery { Limit = 1 }).ShouldBe(["later"]);
    }

    [Theory]
    [InlineData("newer", "newer_format", "it was written by a newer Collector (format 3)")]
    [InlineData("foreign", "foreign", "it is another program's SQLite file")]
    [InlineData("a copy", "copy", "it is a copy of segment 1 under another number")]
    [InlineData("a folder", "foreign", "it is a folder")]
    [InlineData("a text", "damaged", "file is not a database")]
    public async Task What_is_wrong_with_a_file_is_said_in_right_words(string kind, string reason, string words)
    {
        var path = await StoreWithAsync(kind, 2);

        _open.Restart();

        _open.Store.Catalog.Unreadable.ShouldHaveSingleItem().Reason.ShouldBe(reason);
        var said = _open.Log.Errors.First();
        said.ShouldContain(path);
        said.ShouldContain(words);
        said.Contains("damaged", StringComparison.Ordinal).ShouldBe(reason == "damaged");
    }

    [Fact]
    public async Task The_time_of_a_newer_file_is_what_its_meta_row_says_and_of_a_foreign_one_between_its_neighbours()
    {
        await StoreWithAsync("newer", 2);
        _open.Restart();
        var newer = _open.Store.Catalog.Unreadable.ShouldHaveSingleItem();
        (newer.FromNanos, newer.ToNanos).ShouldBe((Some.Noon + 2, Some.Noon + 2));

        using var other = new OpenStore();
        other.Append(new SomeRow());
        other.Restart(beginSegment: true);
        other.Append(new SomeRow());
        other.Restart(beginSegment: true);
        other.Append(new SomeRow());
        await other.IsSealedAsync();
        var neighbour = other.Store.Catalog.Segments[2].CreatedNanos;
        other.Store.Dispose();
        Foreign(other.Store.Catalog.Segments[1].Path, "CREATE TABLE theirs (a)");
        other.Restart();
        var foreign = other.Store.Catalog.Unreadable.ShouldHaveSingleItem();
        (foreign.FromNanos, foreign.ToNanos).ShouldBe((Some.Noon, neighbour));
    }

    [Fact]
    public async Task A_file_that_can_be_opened_later_answers_from_then_on()
    {
        var path = await StoreWithAsync("a dead link", 1);
        File.Move(path + ".kept", path + ".elsewhere");
        _open.Restart();
        _open.Store.Catalog.Unreadable.ShouldHaveSingleItem().Reason.ShouldBe("not_opened");

        File.Delete(path);
        File.Move(path + ".elsewhere", path);
        _open.Store.Lifecycle.Retain();

        _open.Store.Catalog.Unreadable.ShouldBeEmpty();
        _open.Store.Reader.Messages(new LogQuery { Descending = false }).ShouldBe(["in 1", "in 2", "in 3"]);
    }

    // Sealed, sealed, hot; each has one row. The store is closed.
    private async Task<string> StoreWithAsync(string kind, int segment)
    {
        for (var i = 1; i <= Segments; i++)
        {
            if (i > 1)
            {
                _open.Store.Appender.RollOver();
            }

            _open.Append(new SomeRow { Message = $"in {i}", Nanos = Some.Noon + (ulong)i });
        }

        await _open.IsSealedAsync();
        _open.Store.Dispose();
        var path = Path.Combine(_open.Folder, $"segment-00000{segment}.db");
        Make(kind, path);
        return path;
    }

    private void Make(string kind, string path)
    {
        switch (kind)
        {
            case "a text":
                File.WriteAllText(path, "Dear diary, today I was mistaken for a database. " + new string('.', 5_000));
                break;
            case "nothing in it":
                File.WriteAllBytes(path, []);
                break;
            case "a table's worth of zeros":
                Replace(path, "PRAGMA journal_mode = WAL; CREATE TABLE x (a); DROP TABLE x");
                break;
            case "cut to half":
                Cut(path, new FileInfo(path).Length / 2);
                break;
            case "cut to its first page":
                Cut(path, SegmentWriter.PageSize);
                break;
            case "foreign":
                Foreign(path, "CREATE TABLE theirs (a); INSERT INTO theirs VALUES (1)");
                break;
            case "foreign with an id":
                Foreign(path, "PRAGMA application_id = 7; CREATE TABLE tail_logs (a)");
                break;
            case "foreign namesake":
                Foreign(path, "CREATE TABLE segment_meta (a); INSERT INTO segment_meta VALUES (1); CREATE TABLE tail_logs (b)");
                break;
            case "newer":
                Change(path, "UPDATE segment_meta SET format = 3");
                break;
            case "older than any":
                Change(path, "UPDATE segment_meta SET format = 0");
                break;
            case "a copy":
                Change(path, $"UPDATE segment_meta SET segment = {(path.EndsWith("1.db", StringComparison.Ordinal) ? 2 : 1)}");
                break;
            case "a folder" or "a folder with a file":
                File.Delete(path);
                Directory.CreateDirectory(path);
                File.WriteAllText(Path.Combine(kind == "a folder" ? _open.Folder : path, "x"), "");
                break;
            case "a dead link":
                File.Move(path, path + ".kept");
                File.CreateSymbolicLink(path, path + ".nowhere");
                break;
            case "no outcome":
                Change(path, "ALTER TABLE tail_logs DROP COLUMN outcome");
                break;
            case "no meta row":
                Change(path, "DELETE FROM segment_meta");
                break;
            case "bad ledger" or "bad requests" or "bad streams":
                Spoil(path, "tail_" + kind["bad ".Length..]);
                break;
            default:
                Change(path, $"DROP TABLE IF EXISTS {kind["no ".Length..]}");
                break;
        }
    }

    private static void Cut(string path, long length)
    {
        using var file = File.OpenWrite(path);
        file.SetLength(length);
    }

    private static void Foreign(string path, string sql) => Replace(path, sql);

    private static void Replace(string path, string sql)
    {
        SegmentFile.TryDelete(path);
        Change(path, sql);
    }

    private static void Change(string path, string sql)
    {
        using var connection = Connections.OpenWriter(path);
        connection.Execute(sql);
        connection.CheckpointTruncate();
    }

    private static void Spoil(string path, string table)
    {
        long page;
        using (var connection = Connections.OpenExistingWriter(path))
        {
            using var root = connection.Prepare("SELECT rootpage FROM sqlite_schema WHERE name = ?1");
            root.Bind(1, table);
            root.Read().ShouldBeTrue();
            page = root.Integer(0);
        }

        using var file = File.OpenWrite(path);
        file.Position = (page - 1) * SegmentWriter.PageSize;
        file.Write([.. Enumerable.Repeat((byte)0xA5, SegmentWriter.PageSize)]);
    }

    private static string Contents(string path) =>
        Directory.Exists(path) ? string.Join(' ', Directory.GetFileSystemEntries(path))
            : new FileInfo(path).LinkTarget ?? Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path)));
}
