using Collector.Model;
using Collector.Storage;
using Collector.Storage.Sqlite;
using Collector.Storage.Sqlite.Driver;
using Collector.Storage.Sqlite.Segments;
using Collector.Tests.Support;

namespace Collector.Tests.Storage.Sqlite.Segments;

/// <summary>A WAL that a killed process left, with a bit flipped, or only with the tail that a kill leaves.</summary>
public sealed class CutWalTests : IDisposable
{
    private const int Commits = 60;
    private const int RowsOfCommit = 20;
    private const int FrameLength = WalFile.FrameHeaderLength + SegmentWriter.PageSize;

    private readonly TemporaryFolder _killed = new();
    private readonly RecordingLogger _log = new();

    private string Wal => _killed.File("segment-000001.db-wal");

    public CutWalTests()
    {
        using var open = new OpenStore();
        for (var commit = 0; commit < Commits; commit++)
        {
            open.Append([.. Enumerable.Range(0, RowsOfCommit).Select(i => new SomeRow { Message = $"{commit}.{i}", Context = new string('x', 300) })]);
        }

        foreach (var file in new[] { open.HotFile, open.HotFile + "-wal", open.HotFile + "-shm" })
        {
            Copy(file, _killed.File(Path.GetFileName(file)));
        }
    }

    [Theory]
    [InlineData(0.1, 1_000)]
    [InlineData(0.4, 5_000)]
    [InlineData(0.9, 30)]
    // In the frame's own header: its page's number, its salt, its sum.
    [InlineData(0.5, 2)]
    [InlineData(0.5, 9)]
    [InlineData(0.5, 18)]
    public async Task Rows_behind_a_flipped_bit_are_there_and_what_is_not_is_named(double share, int at)
    {
        Flip(WalFile.HeaderLength + ((long)(Frames * share) * FrameLength) + at);
        await FindsAllOrNamesThemAsync();
        _log.Errors.ShouldContain(static error => error.Contains("-wal is damaged", StringComparison.Ordinal));
        Directory.GetFiles(_killed.Path, "*.db-wal.*.damaged").ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(17)]
    [InlineData(25)]
    public async Task Rows_behind_a_damaged_head_of_the_WAL_are_there(int at)
    {
        Flip(at);
        await FindsAllOrNamesThemAsync();
    }

    [Theory]
    [InlineData(100)]
    [InlineData(FrameLength)]
    [InlineData((3 * FrameLength) + 100)]
    public async Task Rows_behind_a_head_and_first_frames_that_are_overwritten_are_there(int bytes)
    {
        using (var file = new FileStream(Wal, FileMode.Open))
        {
            file.Write([.. Enumerable.Repeat((byte)0xA5, bytes)]);
        }

        await FindsAllOrNamesThemAsync(most: 400);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1_000)]
    [InlineData(FrameLength + 50)]
    public void A_tail_that_a_kill_cut_short_is_none_of_damage(int bytes)
    {
        using (var file = new FileStream(Wal, FileMode.Open))
        {
            file.SetLength(file.Length - bytes);
        }

        WalFile.TryRead(Wal, SegmentWriter.PageSize).ShouldNotBeNull().IsCut.ShouldBeFalse();
    }

    [Fact]
    public void Frames_of_an_earlier_log_behind_the_last_one_are_none_of_damage()
    {
        var bytes = File.ReadAllBytes(Wal);
        using (var file = new FileStream(Wal, FileMode.Append))
        {
            // As they stand behind a log that began anew in the same file: whole, under other salts.
            var old = bytes[WalFile.HeaderLength..];
            for (var frame = 0; frame + FrameLength <= old.Length; frame += FrameLength)
            {
                old[frame + 8]++;
            }

            file.Write(old);
        }

        WalFile.TryRead(Wal, SegmentWriter.PageSize).ShouldNotBeNull().IsCut.ShouldBeFalse();
    }

    [Theory]
    [InlineData("zeros over the last frames")]
    [InlineData("the last frames cut off")]
    [InlineData("one bit of the last frame")]
    [InlineData("the whole of it cut off")]
    [InlineData("the file gone")]
    public void An_end_that_is_gone_is_named_although_nobody_knows_what_it_held(string how)
    {
        var whole = new FileInfo(Wal).Length;
        DamageEnd(how, whole);

        var opening = SqliteStore.Open(new SqliteStoreOptions { Path = _killed.Path }, otherBytes: null, _log, new NoonClock());
        using var store = opening.Store.ShouldNotBeNull(opening.Error);
        store.Appender.HasLosses.ShouldBeTrue();
        var gap = store.Appender.TakeLosses().SelectMany(static loss => loss.Gaps).ShouldHaveSingleItem();
        gap.ShouldSatisfyAllConditions(
            () => gap.WorkerName.ShouldBe(Gap.UnknownWorker),
            () => gap.Count.ShouldBe(0),
            () => gap.Reason.ShouldBe("damaged"),
            () => gap.ToNanos.ShouldBeGreaterThanOrEqualTo(gap.FromNanos));
        _log.Errors.ShouldContain(static error => error.Contains("committed frames are gone", StringComparison.Ordinal));
        File.Exists(_killed.File("segment-000001.db.lost")).ShouldBeTrue("a kill before it is counted loses it otherwise");
        store.Appender.Append(new AppendGroup()).ShouldBe(AppendResult.Committed);
        File.Exists(_killed.File("segment-000001.db.lost")).ShouldBeFalse();
    }

    [Theory]
    [InlineData("nothing is done to it")]
    [InlineData("a frame that was being written stands behind it")]
    [InlineData("its index is gone")]
    [InlineData("its index is of another log")]
    [InlineData("its index was being written")]
    [InlineData("its index is cut off")]
    public void An_end_that_is_there_is_not_said_to_be_gone(string what)
    {
        var index = _killed.File("segment-000001.db-shm");
        switch (what)
        {
            case "a frame that was being written stands behind it":
                File.AppendAllBytes(Wal, new byte[FrameLength]);
                break;
            case "its index is gone":
                CutTo(Wal, new FileInfo(Wal).Length - FrameLength);
                File.Delete(index);
                break;
            case "its index is of another log":
                CutTo(Wal, new FileInfo(Wal).Length - FrameLength);
                Flip(index, 33);
                Flip(index, 48 + 33);
                break;
            case "its index was being written":
                CutTo(Wal, new FileInfo(Wal).Length - FrameLength);
                Flip(index, 17);
                break;
            case "its index is cut off":
                CutTo(Wal, new FileInfo(Wal).Length - FrameLength);
                CutTo(index, 90);
                break;
        }

        new CutWal(static wal => wal + ".aside", _log).Repair(_killed.File("segment-000001.db"), SegmentWriter.PageSize).ShouldBeNull();
    }

    [Fact]
    public void What_has_come_into_the_file_is_not_missed_in_its_WAL()
    {
        using var open = new OpenStore();
        open.Append(new SomeRow { Message = "one" });
        using (var connection = Connections.OpenExistingWriter(open.HotFile))
        {
            connection.CheckpointPassive();
        }

        foreach (var file in new[] { open.HotFile, open.HotFile + "-shm" })
        {
            Copy(file, _killed.File(Path.GetFileName(file)));
        }

        CutTo(Wal, 0);
        new CutWal(static wal => wal + ".aside", _log).Repair(_killed.File("segment-000001.db"), SegmentWriter.PageSize).ShouldBeNull();
    }

    public void Dispose() => _killed.Dispose();

    private void DamageEnd(string how, long whole)
    {
        switch (how)
        {
            case "zeros over the last frames":
                CutTo(Wal, whole - (3 * FrameLength));
                CutTo(Wal, whole);
                break;
            case "the last frames cut off":
                CutTo(Wal, whole - (2 * FrameLength) - 100);
                break;
            case "one bit of the last frame":
                Flip(Wal, whole - 50);
                break;
            case "the whole of it cut off":
                CutTo(Wal, 0);
                break;
            case "the file gone":
                File.Delete(Wal);
                break;
        }
    }

    private static void CutTo(string path, long length)
    {
        using var file = new FileStream(path, FileMode.Open);
        file.SetLength(length);
    }

    private static void Copy(string from, string to)
    {
        using var source = new FileStream(from, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var target = File.Create(to);
        source.CopyTo(target);
    }

    private long Frames => (new FileInfo(Wal).Length - WalFile.HeaderLength) / FrameLength;

    private void Flip(long at) => Flip(Wal, at);

    private static void Flip(string path, long at)
    {
        using var file = new FileStream(path, FileMode.Open);
        file.Position = at;
        var flipped = file.ReadByte() ^ 0x10;
        file.Position = at;
        file.WriteByte((byte)flipped);
    }

    private async Task FindsAllOrNamesThemAsync(int most = 100)
    {
        var opening = SqliteStore.Open(new SqliteStoreOptions { Path = _killed.Path }, otherBytes: null, _log, new NoonClock());
        using var store = opening.Store.ShouldNotBeNull(opening.Error);
        await store.Reader.Ready;
        store.Appender.Append(new AppendGroup()).ShouldBe(AppendResult.Committed);
        await Eventually.IsSoAsync(
            () => store.Catalog.Segments is [{ State: SegmentState.Sealed }, _], () => string.Join('\n', _log.Errors));
        var lost = store.Appender.TakeLosses().SelectMany(static loss => loss.Gaps).Sum(static gap => gap.Count);
        var found = store.Reader.Messages(new LogQuery { Limit = 10_000 });
        found.Distinct().Count().ShouldBe(found.Count);
        (found.Count + lost).ShouldBe(Commits * RowsOfCommit, string.Join('\n', _log.Errors));
        lost.ShouldBeLessThan(most, "no more than stood on the damaged pages");
    }
}
