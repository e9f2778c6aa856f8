using Collector.Model;
using Collector.Storage;
using Collector.Storage.Sqlite.Driver;
using Collector.Storage.Sqlite.Spool;
using Collector.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Collector.Tests.Storage.Sqlite;

/// <summary>The spool's file: what is in it survives, what is damaged costs itself and is named, and nothing stops a start.</summary>
public sealed class SqliteSpoolTests : IDisposable
{
    private const int PageSize = 4096;

    private readonly TemporaryFolder _temporary = new();
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UnixEpoch.AddTicks((long)(Some.Noon / 100)));
    private readonly RecordingLogger _log = new();

    private string Folder => _temporary.File("spool");

    private string Database => Path.Combine(Folder, "spool.db");

    [Fact]
    public void Requests_come_back_in_order_with_all_that_is_known_of_them_also_after_a_kill()
    {
        var part = new StreamPart("stream");
        part.Add(new SequenceRange(3, 7));
        var spool = Open();
        Append(spool, Request(1) with { Stream = part }, Request(2));
        Append(spool, Request(3) with { Key = null, Producers = [("a", 1), ("b", 2), ("a", 3)] });

        using var killed = new TemporaryFolder();
        CopyFiles(Folder, killed.Path);
        spool.Dispose();
        using var again = Open(killed.Path);
        var requests = again.Recall()!.Requests;

        requests.Select(static request => request.Position).ShouldBe([1, 2, 3]);
        requests[0].Key.ShouldBe(SomeBatches.Key(1));
        requests[0].ReceivedNanos.ShouldBe(Some.Noon + 1);
        requests[0].Stream!.StreamId.ShouldBe("stream");
        requests[0].Stream!.Ranges.ShouldBe([new SequenceRange(3, 7)]);
        requests[2].Key.ShouldBeNull();
        requests[2].Producers.ShouldBe([("a", 4), ("b", 2)], ignoreOrder: true);
        PayloadsOf(again).ShouldBe([Payload(1), Payload(2), Payload(3)]);
    }

    [Theory]
    [InlineData(0.5, 1)]
    [InlineData(0.99, 1)]
    [InlineData(0.8, 3)]
    // With the log's own head.
    [InlineData(0, 2)]
    public void Damage_in_the_log_of_a_killed_one_costs_what_stands_there_and_is_named(double share, int frames)
    {
        const int All = 40;
        var spool = Open();
        for (var i = 1; i <= All; i++)
        {
            spool.TryAppend([new SpoolEntry(Request(i), Enumerable.Repeat((byte)i, 6_000).ToArray())], out _).ShouldBeTrue();
        }

        using var killed = new TemporaryFolder();
        CopyFiles(Folder, killed.Path);
        spool.Dispose();
        var wal = Path.Combine(killed.Path, "spool.db-wal");
        var bytes = File.ReadAllBytes(wal);
        const int FrameLength = WalFile.FrameHeaderLength + PageSize;
        var first = WalFile.HeaderLength + ((int)((bytes.Length - WalFile.HeaderLength) / FrameLength * share) * FrameLength);
        first = share == 0 ? 0 : first;
        bytes.AsSpan(first, Math.Min(frames * FrameLength, bytes.Length - first)).Fill(0xA5);
        File.WriteAllBytes(wal, bytes);

        using var again = Open(killed.Path);
        var kept = again.Recall()!.Requests.Count;
        var lost = again.TakeLost().Count;
        kept.ShouldBeGreaterThan(All - 5, "what stands behind the damage is there");
        (kept + lost).ShouldBeGreaterThanOrEqualTo(All, string.Join('\n', _log.Errors));
        Append(again, Request(100));
        again.Recall()!.Requests.Count.ShouldBe(kept + 1);
    }

    [Fact]
    public void What_is_done_is_gone_and_gives_its_room_back()
    {
        using var spool = Open();
        for (var i = 1; i <= 20; i++)
        {
            spool.TryAppend([new SpoolEntry(Request(i), new byte[100_000])], out _).ShouldBeTrue();
        }

        spool.Bytes.ShouldBeGreaterThan(2_000_000);
        spool.Done(19);
        spool.Recall()!.Requests.Select(static request => request.Position).ShouldBe([20]);
        spool.Done(20);
        spool.Bytes.ShouldBe(0);
        _clock.Advance(TimeSpan.FromMinutes(2));
        spool.TidyUp();
        new FileInfo(Database).Length.ShouldBeLessThan(100_000);
        Append(spool, Request(1));
        spool.ReadNext(0)!.Value.Request.Position.ShouldBe(21, "positions rise as long as a process runs");
    }

    [Fact]
    public void The_bound_is_kept_and_what_was_set_aside_gives_way_first()
    {
        using var spool = Open(maxBytes: 300_000);
        spool.TryAppend([new SpoolEntry(Request(1), new byte[100_000])], out _).ShouldBeTrue();
        spool.Reject(new SpoolEntry(Request(9), new byte[150_000]), "nobody can use it");
        spool.Bytes.ShouldBeGreaterThan(240_000);

        spool.HasRoomFor(100_000, out _).ShouldBeTrue();
        spool.Bytes.ShouldBeLessThan(150_000);
        spool.HasRoomFor(250_000, out var error).ShouldBeFalse();
        error.ShouldBe("the spool is full (Spool:MaxBytes is 300000)");
    }

    [Fact]
    public void Two_incidents_keep_what_each_set_aside_until_it_is_older_than_any_row()
    {
        using var spool = Open();
        spool.Reject(new SpoolEntry(Request(1), Payload(1)), "first");
        spool.Reject(new SpoolEntry(Request(1), Payload(1)), "second");
        var files = Directory.GetFiles(Path.Combine(Folder, "rejected"));
        files.Length.ShouldBe(4);
        files.Where(static file => file.EndsWith(".txt", StringComparison.Ordinal)).Select(File.ReadAllText).ShouldBe(["first\n", "second\n"], ignoreOrder: true);
        spool.SetAside.ShouldBe(2);

        Array.ForEach(files, file => File.SetLastWriteTimeUtc(file, _clock.GetUtcNow().UtcDateTime.AddDays(-8)));
        _clock.Advance(TimeSpan.FromMinutes(2));
        spool.TidyUp();
        Directory.GetFiles(Path.Combine(Folder, "rejected")).ShouldBeEmpty();
    }

    [Fact]
    public void Accounts_and_gaps_are_kept_and_replaced()
    {
        var spool = Open();
        var gap = new Gap("a", 1, 2, 3, "queue_full");
        spool.TryKeep([new AccountRecord("a", "{}"), new AccountRecord("b", "{}")], [gap], out _).ShouldBeTrue();
        spool.TryKeep([new AccountRecord("a", "{\"x\":1}")], [gap with { Count = 4 }], out _).ShouldBeTrue();
        spool.Dispose();

        using var again = Open();
        var memory = again.Recall()!;
        memory.Accounts.ShouldBe([new AccountRecord("a", "{\"x\":1}"), new AccountRecord("b", "{}")], ignoreOrder: true);
        memory.Gaps.ShouldBe([gap with { Count = 4 }]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("this is no database, whatever its name says; it is long enough to have a whole header of a hundred bytes and more.")]
    public void A_file_that_is_none_is_set_aside_and_a_new_one_begun(string content)
    {
        Directory.CreateDirectory(Folder);
        File.WriteAllText(Database, content);
        using var spool = Open();
        Append(spool, Request(1));
        PayloadsOf(spool).ShouldBe([Payload(1)]);
        Directory.Exists(Path.Combine(Folder, "rejected")).ShouldBe(content.Length > 0);
        spool.TakeLost().Count.ShouldBe(content.Length > 0 ? 1 : 0);
    }

    [Fact]
    public void A_folder_in_the_files_place_is_set_aside()
    {
        Directory.CreateDirectory(Database);
        using var spool = Open();
        Append(spool, Request(1));
        PayloadsOf(spool).ShouldBe([Payload(1)]);
    }

    [Fact]
    public void A_newer_versions_file_is_set_aside_with_the_right_word()
    {
        Open().Dispose();
        using (var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Database};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA user_version = 99";
            command.ExecuteNonQuery();
        }

        using var spool = Open();
        Append(spool, Request(1));
        PayloadsOf(spool).ShouldBe([Payload(1)]);
        string.Join(' ', _log.Errors).ShouldContain("it has format 99, written by a newer Collector");
    }

    [Fact]
    public void A_new_file_that_was_complete_when_the_process_died_takes_its_place()
    {
        var spool = Open();
        Append(spool, Request(1));
        spool.Dispose();
        File.Move(Database, Database + ".new");

        using var again = Open();
        PayloadsOf(again).ShouldBe([Payload(1)]);
        Directory.GetFiles(Folder, "*.new*").ShouldBeEmpty();
    }

    [Fact]
    public void Any_damaged_page_costs_what_is_on_it_and_names_whose_rows_are_lost()
    {
        const int requests = 60;
        var spool = Open();
        for (var i = 1; i <= requests; i++)
        {
            Append(spool, Request(i));
        }

        spool.Dispose();
        var whole = File.ReadAllBytes(Database);
        for (var page = 0; page < whole.Length / PageSize; page++)
        {
            using var folder = new TemporaryFolder();
            var bytes = whole.ToArray();
            bytes.AsSpan(page * PageSize, PageSize).Fill(0xA5);
            File.WriteAllBytes(Path.Combine(folder.Path, "spool.db"), bytes);

            using var damaged = Open(folder.Path);
            var found = damaged.Recall()?.Requests.Count ?? 0;
            var payloads = PayloadsOf(damaged);
            var lost = damaged.TakeLost();

            payloads.ShouldAllBe(payload => payload.Length > 0, $"page {page}");
            payloads.Count.ShouldBe(found, $"page {page}");
            (payloads.Count + lost.Count >= requests || lost is [{ Producers: [("unknown-worker", 1)] }])
                .ShouldBeTrue($"page {page}: {payloads.Count} found, {lost.Count} lost");
            damaged.TryAppend([new SpoolEntry(Request(99), Payload(99))], out var error).ShouldBeTrue($"page {page}: {error}");
        }
    }

    [Fact]
    public void A_payload_with_a_flipped_bit_is_told()
    {
        var spool = Open();
        Append(spool, Request(1), Request(2));
        spool.Dispose();
        var bytes = File.ReadAllBytes(Database);
        bytes[bytes.AsSpan().IndexOf(Payload(1))] ^= 1;
        File.WriteAllBytes(Database, bytes);

        using var again = Open();
        again.Recall()!.Requests.Count.ShouldBe(2);
        again.ReadNext(0)!.Value.Payload.Length.ShouldBe(0);
        again.ReadNext(1)!.Value.Payload.ToArray().ShouldBe(Payload(2));
    }

    [Fact]
    public void Only_one_process_has_it()
    {
        using var spool = Open();
        Should.Throw<SpoolInUseException>(() => Open()).Message.ShouldContain($"in use by process {Environment.ProcessId}");
    }

    public void Dispose() => _temporary.Dispose();

    private static SpooledRequest Request(int number) => new(0, SomeBatches.Key(number), Some.Noon + (ulong)number, [("worker", number)], null);

    private static byte[] Payload(int number) => [.. Enumerable.Range(0, 3_000).Select(i => (byte)((i * 7) + (number * 31)))];

    private static void Append(SqliteSpool spool, params SpooledRequest[] requests) =>
        spool.TryAppend([.. requests.Select(static request => new SpoolEntry(request, Payload((int)(request.ReceivedNanos - Some.Noon))))], out var error)
            .ShouldBeTrue(error);

    private static List<byte[]> PayloadsOf(SqliteSpool spool)
    {
        var payloads = new List<byte[]>();
        var bound = new LoopBound();
        for (var entry = spool.ReadNext(0); entry is { } found && bound.Holds(); entry = spool.ReadNext(found.Request.Position))
        {
            payloads.Add(found.Payload.ToArray());
        }

        return payloads;
    }

    private static void CopyFiles(string folder, string target)
    {
        foreach (var file in Directory.GetFiles(folder, "spool.db*"))
        {
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        }
    }

    private SqliteSpool Open(string? folder = null, long maxBytes = 1 << 30) =>
        SqliteSpool.Open(folder ?? Folder, maxBytes, TimeSpan.FromDays(7), _clock, _log);
}
