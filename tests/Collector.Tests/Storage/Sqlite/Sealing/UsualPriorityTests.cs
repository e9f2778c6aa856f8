using System.Runtime.InteropServices;
using Collector.Storage.Sqlite.Driver;
using Collector.Storage.Sqlite.Sealing;
using Microsoft.Data.Sqlite;

namespace Collector.Tests.Storage.Sqlite.Sealing;

public sealed partial class UsualPriorityTests : IDisposable
{
    private readonly UsualPriority _usual = new("test");

    public void Dispose() => _usual.Dispose();

    [Fact]
    public void Work_of_a_thread_that_lowered_its_priority_is_done_at_that_of_the_starter()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        _usual.Start();
        var (expected, lowered, used) = (GetPriority(0, 0), 0, 0);
        var slow = new Thread(() =>
        {
            ThreadNiceness.Lower(ThreadNiceness.Searches);
            lowered = GetPriority(0, 0);
            _usual.Do(() => used = GetPriority(0, 0));
        });
        slow.Start();
        slow.Join();

        lowered.ShouldBe(ThreadNiceness.Searches);
        used.ShouldBe(expected);
    }

    [Fact]
    public void What_the_work_throws_is_thrown_at_the_one_who_waits_and_the_next_work_is_done()
    {
        _usual.Start();
        Should.Throw<SqliteException>(() => _usual.Do(static () => throw SqliteErrors.Of(13, "full"))).SqliteExtendedErrorCode.ShouldBe(13);
        var isDone = false;
        _usual.Do(() => isDone = true);
        isDone.ShouldBeTrue();
    }

    [Theory]
    [InlineData(1, 1_000, 500, false)]
    [InlineData(1, 1_000, 501, true)]
    [InlineData(2, 1_000, 0, true)]
    public void Sealing_is_urgent_where_another_segment_waits_or_the_next_is_half_full(
        int behind, long rows, long rowsOfHot, bool isUrgent) =>
        SegmentSealer.IsUrgent(behind, rows, rowsOfHot).ShouldBe(isUrgent);

    [LibraryImport("libc", EntryPoint = "getpriority")]
    private static partial int GetPriority(int which, int who);
}
