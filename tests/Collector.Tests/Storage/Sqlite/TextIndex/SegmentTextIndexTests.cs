using System.Text;
using Collector.Storage;
using Collector.Storage.Sqlite;
using Collector.Storage.Sqlite.Driver;
using Collector.Storage.Sqlite.Segments;
using Collector.Storage.Sqlite.TextIndex;
using Collector.Tests.Support;
using SQLitePCL;

namespace Collector.Tests.Storage.Sqlite.TextIndex;

public sealed class TextIndexTests
{
    private const int Rows = 5_000;
    private const int RowsInBlock = 10;

    [Theory]
    [InlineData("needle-4321", 1)]
    [InlineData("NEEDLE-4321", 1)]
    [InlineData("\"ord\"", 1)]
    [InlineData("and a\nb", 1)]
    [InlineData("nowhere to be found", 0)]
    public async Task Only_the_blocks_that_may_hold_a_text_are_candidates(string text, int blocks)
    {
        using var open = new OpenStore(new SqliteStoreOptions { RowsInTextBlock = RowsInBlock });
        open.Append([.. Enumerable.Range(0, Rows).Select(static i => new SomeRow
        {
            Message = $"needle-{i}",
            Nanos = (ulong)i,
            Context = i == 7 ? """{"note":"an \"ord\" and a\nb"}""" : """{"note":"nothing of note"}""",
        })]);
        open.Store.Appender.RollOver();
        await open.IsSealedAsync();

        using var reader = SegmentReader.Open(open.Store.Catalog.Segments[0].Path, immutable: true);
        var index = SegmentTextIndex.Read(reader.Connection, Rows).ShouldNotBeNull();
        index.Stripes.ShouldBe(4, "500 blocks, 128 a stripe");
        var found = index.Find(reader, TextKey.TryOf(text).ShouldNotBeNull());
        found.Count.ShouldBeInRange(blocks, blocks + 1, "a chance hit may be among them");
        foreach (var span in found)
        {
            span.Rows.ShouldBe(RowsInBlock);
            (span.FirstTimestamp, span.LastTimestamp).ShouldBe(((ulong)span.First - 1, (ulong)span.Last - 1));
        }

        if (blocks > 0)
        {
            var row = text.StartsWith("needle", StringComparison.OrdinalIgnoreCase) ? 4_322 : 8;
            found.ShouldContain(span => span.First <= row && span.Last >= row);
        }
    }

    [Fact]
    public async Task A_search_reads_what_the_index_names_and_nothing_else()
    {
        using var open = new OpenStore(new SqliteStoreOptions { RowsInTextBlock = RowsInBlock });
        open.Append([.. Enumerable.Range(0, Rows).Select(static i => new SomeRow { Message = $"needle-{i}" })]);
        open.Store.Appender.RollOver();
        await open.IsSealedAsync();
        var file = open.Store.Catalog.Segments[0].Path;
        var query = new LogQuery { Text = "needle-4321" };
        open.Store.Reader.Messages(query).ShouldBe(["needle-4321"]);
        open.Store.Dispose();

        // Who reads every row finds it all the same.
        Change(file, "DELETE FROM tail_text_slices");
        open.Restart();
        open.Store.Reader.Messages(query).ShouldBeEmpty();
        open.Store.Reader.Messages(query with { Text = "321" }).ShouldContain("needle-4321", "too short for the index");
        open.Store.Reader.Messages(query with { CorrelationId = "correlation-a" }).ShouldBe(["needle-4321"], "an id's rows are all read");
    }

    [Theory]
    [InlineData("DROP TABLE tail_text_stripes; DROP TABLE tail_text_slices", "needle-4321", "ßtraße")]
    [InlineData("UPDATE tail_text_stripes SET format = format + 1", "needle-4321", "ßtraße")]
    [InlineData("DELETE FROM tail_text_stripes WHERE stripe = 3", "needle-4321", "ßtraße")]
    [InlineData("UPDATE tail_text_stripes SET folding = folding + 1", null, "ßtraße")]
    public async Task An_index_that_is_not_there_or_not_understood_or_not_whole_is_not_believed(string change, string? ascii, string other)
    {
        using var open = new OpenStore(new SqliteStoreOptions { RowsInTextBlock = RowsInBlock });
        open.Append([.. Enumerable.Range(0, Rows).Select(static i => new SomeRow { Message = i == 4_321 ? "needle-4321 ßtraße" : $"needle-{i}" })]);
        open.Store.Appender.RollOver();
        await open.IsSealedAsync();
        var file = open.Store.Catalog.Segments[0].Path;
        open.Store.Dispose();
        // What it says is wrong, and would be noticed.
        Change(file, "DELETE FROM tail_text_slices; " + change);

        open.Restart();
        open.Store.Reader.Messages(new LogQuery { Text = other }).ShouldBe(["needle-4321 ßtraße"]);
        open.Store.Reader.Messages(new LogQuery { Text = "needle-4321" }).Count.ShouldBe(ascii is null ? 0 : 1, "ASCII folds alike for ever");
    }

    [Theory]
    [InlineData(false, 10, false)]
    [InlineData(true, 10, true)]
    [InlineData(true, 101, false)]
    public async Task Segments_get_an_index_where_it_is_wanted_and_of_use(bool isWanted, int rowsInBlock, bool getsOne)
    {
        using var open = new OpenStore(new SqliteStoreOptions { TextIndex = isWanted, RowsInTextBlock = rowsInBlock });
        open.Append([.. Enumerable.Range(0, 100).Select(static _ => new SomeRow())]);
        open.Store.Appender.RollOver();
        await open.IsSealedAsync();
        using var connection = Connections.OpenImmutable(open.Store.Catalog.Segments[0].Path);
        (SegmentTextIndex.Read(connection, 100) is not null).ShouldBe(getsOne);
    }

    [Fact]
    public void Random_text_ends_a_block_before_every_bit_of_it_is_set()
    {
        var block = new TextBlock(1_000_000);
        var random = new Random(1);
        var text = new byte[1_000];
        while (!block.IsFull)
        {
            random.NextBytes(text);
            block.Add(text.Select(static b => (byte)('!' + (b % 90))).ToArray(), default, 1);
        }

        block.Rows.ShouldBeInRange(10, 40);
        block.Clear();
        block.IsFull.ShouldBeFalse();
        block.Bits.ContainsAnyExcept(0UL).ShouldBeFalse();
    }

    [Fact]
    public void A_text_of_less_than_four_bytes_and_half_a_letter_have_no_key()
    {
        TextKey.TryOf(null).ShouldBeNull();
        TextKey.TryOf("abc").ShouldBeNull();
        TextKey.TryOf("é!").ShouldBeNull();
        TextKey.TryOf("abcd\ud83d").ShouldBeNull();
        TextKey.TryOf("éà").ShouldNotBeNull();
        TextKey.TryOf("🦓").ShouldNotBeNull();
        TextKey.TryOf(new string('x', 1_024)).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_row_of_a_megabyte_is_found_by_its_last_word()
    {
        using var open = new OpenStore(new SqliteStoreOptions { RowsInTextBlock = 5 });
        var random = new Random(2);
        var text = new StringBuilder();
        while (text.Length < 1_000_000)
        {
            text.Append((char)random.Next('!', '~'));
        }

        open.Append([.. Enumerable.Range(0, 100).Select(i => new SomeRow { Message = i == 50 ? $"{text} Zeppelin" : $"{i} is short" })]);
        open.Store.Appender.RollOver();
        await open.IsSealedAsync();
        open.Store.Reader.Messages(new LogQuery { Text = "zeppelin" }).ShouldHaveSingleItem().ShouldNotBeNull().Length.ShouldBe(1_000_009);
    }

    [Fact]
    public async Task A_text_is_found_across_the_pieces_that_long_text_is_folded_in()
    {
        const int Piece = 16 * 1024;
        using var open = new OpenStore(new SqliteStoreOptions { RowsInTextBlock = 1 });
        open.Append([.. Enumerable.Range(0, 400).Select(i => new SomeRow { Message = i < 40 ? new string('x', Piece - 20 + i) + "Zeppelin" : "short" })]);
        open.Store.Appender.RollOver();
        await open.IsSealedAsync();
        open.Store.Reader.Messages(new LogQuery { Text = "zeppelin" }).Count.ShouldBe(40);
    }

    private static void Change(string file, string sql)
    {
        using var connection = Connections.OpenExistingWriter(file);
        connection.Execute(sql);
        using var leave = connection.Prepare(Sql.Get("leave_wal"));
        leave.Step().ShouldBe(raw.SQLITE_ROW);
    }
}
