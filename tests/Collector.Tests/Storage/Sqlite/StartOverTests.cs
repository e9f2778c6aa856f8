using Collector.Storage;
using Collector.Storage.Sqlite.Driver;
using Collector.Storage.Sqlite.Segments;
using Collector.Tests.Support;

namespace Collector.Tests.Storage.Sqlite;

/// <summary>A hot segment that can't be written any more, while the next one can't be begun.</summary>
public sealed class StartOverTests : IDisposable
{
    private readonly OpenStore _open = new();

    // Where the next segment's file belongs.
    private string InTheWay => Path.Combine(_open.Folder, SegmentName.First.Next.ToString());

    public void Dispose() => _open.Dispose();

    [Fact]
    public async Task Each_append_says_that_no_segment_can_be_begun_until_one_can()
    {
        _open.Append(new SomeRow { Message = "ours" });
        using (var other = Connections.OpenWriter(_open.HotFile))
        {
            other.Execute("""
                INSERT INTO tail_logs
                    (log_id, worker_name, correlation_id, log_level, message, timestamp, created_at, kind)
                VALUES ('x', 'w', 'c', 'info', 'theirs', '2026-01-01T00:00:00.000000000Z', '', 'log')
                """);
        }

        FailsUntilThereIsRoom();
        await _open.IsSealedAsync();
        _open.Store.Lifecycle.Unsealed.ShouldBe(0);
        _open.Store.Lifecycle.SealingFailures.ShouldBe(0);
        _open.Store.Reader.Messages(new LogQuery { Descending = false }).ShouldBe(["theirs", "ours", "later"]);
    }

    [Fact]
    public void A_damaged_segment_is_set_aside_once_another_is_begun()
    {
        _open.Append(new SomeRow());
        var damaged = _open.HotFile;
        _open.Store.Catalog.Segments[0].IsDamaged = true;

        FailsUntilThereIsRoom();
        File.Exists(damaged).ShouldBeFalse();
        File.Exists(damaged + ".damaged").ShouldBeTrue();
        _open.Store.Reader.Messages(new LogQuery()).ShouldBe(["later"]);
    }

    private void FailsUntilThereIsRoom()
    {
        using var batch = Some.Batch(new SomeRow { Message = "later" });
        Directory.CreateDirectory(InTheWay);
        for (var attempt = 0; attempt < 3; attempt++)
        {
            var result = _open.Store.Appender.Append([batch]);
            result.Status.ShouldBe(AppendStatus.Fatal);
            result.Error.ShouldNotBeNull().ShouldContain("a new segment can't be begun");
        }

        Directory.Delete(InTheWay);
        _open.Store.Appender.Append([batch]).Status.ShouldBe(AppendStatus.Transient, "the caller tries again, on the new one");
        _open.Store.Appender.Append([batch]).ShouldBe(AppendResult.Committed);
    }
}
