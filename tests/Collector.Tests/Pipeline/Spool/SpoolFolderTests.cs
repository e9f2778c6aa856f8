using System.Text;
using Collector.Pipeline.Spool;
using Collector.Tests.Support;

namespace Collector.Tests.Pipeline.Spool;

public sealed class SpoolFolderTests : IDisposable
{
    private readonly TemporaryFolder _temporary = new();
    private readonly RecordingLogger _log = new();
    private readonly BrokenDisk _disk = new();

    private string Path => _temporary.File("spool");

    [Fact]
    public void Entries_come_back_in_order_also_after_reopening()
    {
        using (var folder = Open())
        {
            Append(folder, "one", "two");
            Append(folder, "three");
            ReadAll(folder).ShouldBe(["one", "two", "three"]);
        }

        using var again = Open();
        ReadAll(again).ShouldBe(["one", "two", "three"]);
        Append(again, "four");
        ReadAll(again).ShouldBe(["one", "two", "three", "four"]);
        Files().Length.ShouldBe(2, "an earlier process's file is not appended to");
    }

    [Fact]
    public void A_folder_that_another_has_is_not_opened_and_is_free_again_when_it_is_closed()
    {
        using (var folder = Open())
        {
            Append(folder, "one");

            Should.Throw<SpoolInUseException>(() => Open()).Message.ShouldContain($"in use by process {Environment.ProcessId}");

            ReadAll(folder).ShouldBe(["one"]);
        }

        using var again = Open();
        ReadAll(again).ShouldBe(["one"]);
    }

    [Fact]
    public void The_folder_is_private()
    {
        using var folder = Open();
        if (OperatingSystem.IsWindows())
        {
            return; // There the profile folder's own rights do it.
        }

        File.GetUnixFileMode(Path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [Fact]
    public void A_torn_tail_is_cut_and_counted_wherever_it_was_torn()
    {
        using (var folder = Open())
        {
            Append(folder, "whole", "torn by a crash");
        }

        var file = Files().Single();
        var bytes = File.ReadAllBytes(file);
        var entry = SpoolFile.EntryHeadLength + "torn by a crash".Length;
        for (var cut = 1; cut < entry; cut++)
        {
            File.WriteAllBytes(file, bytes[..^cut]);
            using var again = Open();

            ReadAll(again).ShouldBe(["whole"]);
            again.TornTails.ShouldBe(1);
            again.Bytes.ShouldBe(bytes.Length - entry);
            new FileInfo(file).Length.ShouldBe(bytes.Length - entry);
        }
    }

    [Fact]
    public void A_damaged_entry_is_set_aside_once_with_its_reason_and_the_others_are_read()
    {
        using (var folder = Open())
        {
            Append(folder, "first", "second", "third");
        }

        var file = Files().Single();
        var bytes = File.ReadAllBytes(file);
        bytes[Encoding.UTF8.GetString(bytes).IndexOf("second", StringComparison.Ordinal)] ^= 1;
        File.WriteAllBytes(file, bytes);
        using var again = Open();

        ReadAll(again).ShouldBe(["first", "third"]);
        ReadAll(again).ShouldBe(["first", "third"]);

        again.SetAside.ShouldBe(1, "however often it is passed");
        _log.Errors.Count.ShouldBe(1);
        var rejected = Directory.GetFiles(System.IO.Path.Combine(Path, "rejected")).Order(StringComparer.Ordinal).ToArray();
        File.ReadAllText(rejected[0]).ShouldBe("recond");
        File.ReadAllText(rejected[1]).ShouldContain("checksum");
    }

    [Fact]
    public void A_file_that_is_none_of_ours_is_set_aside_and_the_rest_is_read()
    {
        using (var folder = Open())
        {
            Append(folder, "kept");
        }

        File.WriteAllText(System.IO.Path.Combine(Path, "spool-000009.bin"), "something else");
        using var again = Open();

        ReadAll(again).ShouldBe(["kept"]);
        again.SetAside.ShouldBe(1);
        Files().Length.ShouldBe(1);
    }

    [Fact]
    public void The_bound_in_bytes_holds_and_room_comes_back_with_deleted_files()
    {
        using var folder = Open(maxBytes: 100);
        Append(folder, new string('a', 60));

        folder.TryAppend(Entry(new string('b', 60)), out var error).ShouldBeFalse();
        error.ShouldNotBeNull().ShouldContain("Spool:MaxBytes");
        ReadAll(folder).Length.ShouldBe(1);

        Drain(folder);
        folder.Bytes.ShouldBe(0);
        folder.TryAppend(Entry(new string('b', 60)), out _).ShouldBeTrue();
        ReadAll(folder).Single()[0].ShouldBe('b');
    }

    [Fact]
    public void A_file_is_deleted_when_all_of_its_entries_are_done_and_not_before()
    {
        using var folder = Open();
        Append(folder, "one", "two");
        var position = folder.First;
        folder.ReadNext(ref position);
        folder.Done(position);
        Files().Length.ShouldBe(1);

        folder.ReadNext(ref position);
        folder.Done(position);

        Files().ShouldBeEmpty();
        folder.First.ShouldBe(default);
    }

    [Fact]
    public void A_long_line_is_kept_in_several_files_that_leave_one_by_one()
    {
        using var folder = Open();
        for (var i = 0; i < 5; i++)
        {
            Append(folder, new string((char)('a' + i), 9 << 20));
        }

        Files().Length.ShouldBe(5);
        var position = folder.First;
        for (var left = 5; left > 0; left--)
        {
            Files().Length.ShouldBe(left);
            folder.ReadNext(ref position).ShouldNotBeNull()[0].ShouldBe((byte)('a' + 5 - left));
            folder.Done(position);
        }

        folder.Bytes.ShouldBe(0);
    }

    [Fact]
    public void A_disk_that_does_not_take_an_entry_leaves_the_folder_as_it_was_and_usable()
    {
        using var folder = Open();
        // A folder in the place of the next file: creating it fails, as on a disk without room.
        var inTheWay = Directory.CreateDirectory(System.IO.Path.Combine(Path, "spool-000001.bin"));

        folder.TryAppend(Entry("one"), out var error).ShouldBeFalse();
        error.ShouldNotBeNull();
        folder.Bytes.ShouldBe(0);

        inTheWay.Delete();
        folder.TryAppend(Entry("two"), out _).ShouldBeTrue();
        ReadAll(folder).ShouldBe(["two"]);
    }

    [Fact]
    public void Where_the_disk_cannot_be_read_the_rest_of_that_file_is_set_aside_and_the_next_is_read()
    {
        using (var folder = Open())
        {
            Append(folder, "one", "two");
        }

        using (var folder = Open())
        {
            Append(folder, "three");
        }

        var file = Files().Min()!;
        _disk.BadOffset = new FileInfo(file).Length - 1;
        using (var again = Open())
        {
            ReadAll(again).ShouldBe(["one", "three"]);
            ReadAll(again).ShouldBe(["one", "three"]);
            again.SetAside.ShouldBe(1, "however often it is passed");
            _log.Errors.Single().ShouldContain("Input/output error");

            Drain(again);
            again.Bytes.ShouldBe(0);
        }

        Files().ShouldBeEmpty();
        File.Exists(System.IO.Path.Combine(Path, "rejected", System.IO.Path.GetFileName(file))).ShouldBeTrue("nothing of it is lost for good");
    }

    [Fact]
    public void A_file_whose_beginning_cannot_be_read_is_set_aside_whole()
    {
        using (var folder = Open())
        {
            Append(folder, "one");
        }

        _disk.BadOffset = 0;
        using var again = Open();

        again.First.ShouldBe(default);
        again.SetAside.ShouldBe(1);
        _disk.BadOffset = null;
        Append(again, "two");
        ReadAll(again).ShouldBe(["two"]);
    }

    [Fact]
    public void A_file_that_cannot_be_deleted_counts_until_it_can_and_is_not_read_again()
    {
        using var folder = Open(maxBytes: 100);
        Append(folder, new string('a', 60));
        _disk.KeepsFiles = true;

        Drain(folder);
        folder.TidyUp();
        folder.First.ShouldBe(default);
        folder.TryAppend(Entry(new string('b', 60)), out _).ShouldBeFalse("its bytes are still on the disk");
        _log.Errors.Count.ShouldBe(1, "however often it was tried");

        _disk.KeepsFiles = false;
        folder.TidyUp();
        folder.Bytes.ShouldBe(0);
        Files().ShouldBeEmpty();
        folder.TryAppend(Entry(new string('b', 60)), out _).ShouldBeTrue();
    }

    public void Dispose() => _temporary.Dispose();

    private static void Append(SpoolFolder folder, params string[] payloads) =>
        folder.TryAppend(payloads.SelectMany(Entry).ToArray(), out _).ShouldBeTrue();

    private static byte[] Entry(string payload)
    {
        byte[] entry = [.. new byte[SpoolFile.EntryHeadLength], .. Encoding.UTF8.GetBytes(payload)];
        SpoolFile.WriteHead(entry);
        return entry;
    }

    private static string[] ReadAll(SpoolFolder folder)
    {
        var found = new List<string>();
        var position = folder.First;
        while (folder.ReadNext(ref position) is { } payload)
        {
            found.Add(Encoding.UTF8.GetString(payload));
        }

        return [.. found];
    }

    private static void Drain(SpoolFolder folder)
    {
        var position = folder.First;
        while (folder.ReadNext(ref position) is not null)
        {
        }

        folder.Done(position);
    }

    private string[] Files() => Directory.GetFiles(Path, "spool-*.bin");

    private SpoolFolder Open(long maxBytes = 1 << 30) =>
        SpoolFolder.Open(new SpoolOptions { Path = Path, MaxBytes = maxBytes }, _log, _disk);
}
