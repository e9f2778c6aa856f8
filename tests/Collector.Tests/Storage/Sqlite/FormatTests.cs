using System.IO.Compression;
using Collector.Model;
using Collector.Storage;
using Collector.Storage.Sqlite.Driver;
using Collector.Storage.Sqlite.Segments;
using Collector.Tests.Support;

namespace Collector.Tests.Storage.Sqlite;

/// <summary>
/// A folder of each format that was ever released, as a kill left it: a sealed segment (20 rows of "idle"), a full one that
/// is not sealed (5 of "busy"), the one that was appended to (3 of "busy"), each with its request's key, a stream and a gap.
/// </summary>
public sealed class FormatTests : IDisposable
{
    private readonly OpenStore _open = new(new SqliteStoreOptions { RowsInTextBlock = 10 });

    public static TheoryData<int> Formats => [.. Enumerable.Range(1, SegmentDescription.Format - 1)];

    public void Dispose() => _open.Dispose();

    [Fact]
    public void A_folder_of_every_earlier_format_is_kept() =>
        Directory.GetFiles(Repository.PathOf("tests", "fixtures", "store")).Select(Path.GetFileName).Order(StringComparer.Ordinal)
            .ShouldBe(Enumerable.Range(1, SegmentDescription.Format - 1).Select(static format => $"format-{format}.zip"));

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task All_that_an_earlier_version_kept_is_found_and_new_rows_go_to_a_segment_of_this_one(int format)
    {
        Extract(format);
        _open.Restart();
        await _open.Store.Reader.Ready;

        ShouldHoldAll();
        var memory = _open.Store.Appender.Recall(0, 0);
        memory.Accounts.Select(static a => $"{a.WorkerName} {a.Json}").Order(StringComparer.Ordinal)
            .ShouldBe(["busy {\"received\":3,\"stored\":3}", "idle {\"received\":20,\"stored\":20}"]);
        memory.Streams.Select(static s => s.StreamId).Order(StringComparer.Ordinal).ShouldBe(["stream-1", "stream-2", "stream-3"]);
        memory.Keys.Select(static k => k.Key).ShouldBe([SomeBatches.Key(1), SomeBatches.Key(2), SomeBatches.Key(3)], ignoreOrder: true);

        _open.Append(new SomeRow { Message = "new" });
        await _open.IsSealedAsync();
        ShouldHoldAll();
        _open.Store.Catalog.Segments.Select(static s => (s.Format, s.State)).ShouldBe(
        [
            (format, SegmentState.Sealed), (format, SegmentState.Sealed), (format, SegmentState.Sealed), (SegmentDescription.Format, SegmentState.Hot),
        ]);
        _open.Log.Errors.ShouldBeEmpty();
        NewestKeeps().ShouldBe(["busy", "idle"], "the new segment took them over");

        _open.Restart();
        ShouldHoldAll();
        _open.Store.Catalog.Segments.Length.ShouldBe(4, "it goes on with the new one");
    }

    [Fact]
    public void A_new_segment_says_whose_it_is_and_of_which_format()
    {
        using var hot = Connections.OpenReader(_open.HotFile);
        using var id = hot.Prepare("SELECT application_id, (SELECT format FROM segment_meta) FROM pragma_application_id");
        id.Read().ShouldBeTrue();
        (id.Integer(0), id.Integer(1)).ShouldBe((0x436F6C6C, SegmentDescription.Format));
    }

    private void ShouldHoldAll()
    {
        var query = new LogQuery { Descending = false, Limit = 1_000 };
        _open.Store.Reader.Messages(query).Where(static m => m != "new").ShouldBe(
            new[] { (1, 20), (2, 5), (3, 3) }.SelectMany(static s => Enumerable.Range(1, s.Item2).Select(i => $"{s.Item1}.{i} payment declined")));
        _open.Store.Reader.Ask(query with { Worker = "idle", Limit = 1 }).Single().Resource.ShouldBe("{\"service.name\":\"idle\"}");
        foreach (var segment in new[] { 1, 2, 3 })
        {
            _open.Store.Reader.ClosureMessages($"correlation-{segment}").Count.ShouldBe(segment == 1 ? 20 : segment == 2 ? 5 : 3);
            _open.Store.Reader.Messages(query with { Text = $"{segment}.2 pay" }).ShouldBe([$"{segment}.2 payment declined"]);
        }

        _open.Store.Reader.FindGaps(null, 0, ulong.MaxValue, CancellationToken.None).Select(static g => g.Count).Order().ShouldBe([1, 2, 3]);
        _open.Store.Reader.LastSeen(CancellationToken.None).Keys.ShouldContain("idle");
    }

    private List<string> NewestKeeps()
    {
        using var newest = Connections.OpenReader(_open.HotFile);
        return [.. RecoveredState.Carried(newest, streamsSinceNanos: 0).Accounts.Select(static a => a.WorkerName).Order(StringComparer.Ordinal)];
    }

    private void Extract(int format)
    {
        _open.Store.Dispose();
        foreach (var file in Directory.GetFiles(_open.Folder, "segment-*"))
        {
            File.Delete(file);
        }

        ZipFile.ExtractToDirectory(Repository.PathOf("tests", "fixtures", "store", $"format-{format}.zip"), _open.Folder);
    }
}
