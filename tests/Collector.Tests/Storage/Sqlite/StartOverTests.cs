using Collector.Model;
using Collector.Storage;
using Collector.Storage.Sqlite.Driver;
using Collector.Storage.Sqlite.Segments;
using Collector.Tests.Support;
using Microsoft.Extensions.Time.Testing;
using SQLitePCL;

namespace Collector.Tests.Storage.Sqlite;

/// <summary>A hot segment that can't be written any more, while the next one can't be begun.</summary>
public sealed class StartOverTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UnixEpoch.AddTicks((long)(Some.Noon / 100)));
    private readonly SqliteStoreOptions _options = new();
    private readonly OpenStore _open;
    private bool _isFull;
    private int _attempts;

    public StartOverTests()
    {
        _options.Creating = _ =>
        {
            _attempts++;
            if (_isFull)
            {
                throw SqliteErrors.Of(raw.SQLITE_FULL, "database or disk is full");
            }
        };
        _open = new OpenStore(_options, _clock);
    }

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
    public async Task A_damaged_segment_is_left_and_saved_once_another_is_begun()
    {
        _open.Append(new SomeRow { Message = "ours" });
        _open.Store.Catalog.Segments[0].IsDamaged = true;

        FailsUntilThereIsRoom();
        await _open.IsSealedAsync();
        Directory.GetFiles(_open.Folder, "segment-000001.db.*.damaged").ShouldHaveSingleItem();
        _open.Store.Reader.Messages(new LogQuery { Descending = false }).ShouldBe(["ours", "later"]);
        _open.Store.Appender.TakeLosses().ShouldBeEmpty("nothing was lost");
    }

    [Theory]
    [InlineData("")]
    [InlineData("-wal")]
    [InlineData("-shm")]
    public async Task Rows_of_a_hot_file_that_was_removed_are_saved_out_of_its_open_handle(string part)
    {
        _open.Append(new SomeRow { Message = "before" });
        File.Delete(_open.HotFile + part);
        _open.Append(new SomeRow { Message = "after" });

        _open.Store.Appender.LookAtFileForTheLastTime();
        _open.Append(new SomeRow { Message = "later" });
        await SavedAsync();
        _open.Store.Reader.Messages(new LogQuery { Descending = false }).ShouldBe(["before", "after", "later"]);
        _open.Store.Appender.TakeLosses().ShouldBeEmpty("nothing was lost");
        _open.Log.Errors.ShouldContain(error => error.Contains("removed or renamed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_folder_that_was_removed_is_made_again_with_the_rows_of_the_hot_file()
    {
        _open.Append(new SomeRow { Message = "before" });
        Directory.Delete(_open.Folder, recursive: true);
        _open.Append(new SomeRow { Message = "after" });

        _open.Store.Appender.LookAtFileForTheLastTime();
        await SavedAsync();
        _open.Restart();
        _open.Store.Reader.Messages(new LogQuery { Descending = false }).ShouldBe(["before", "after"]);
    }

    [Fact]
    public void Rows_of_a_hot_file_that_was_renamed_are_saved_when_the_store_is_closed()
    {
        _open.Append(new SomeRow { Message = "before" });
        File.Move(_open.HotFile, _open.HotFile + ".moved");
        _open.Append(new SomeRow { Message = "after" });

        _open.Restart();
        _open.Store.Reader.Messages(new LogQuery { Descending = false }).ShouldBe(["before", "after"]);
    }

    [Fact]
    public async Task Rows_that_were_stored_when_memory_ran_out_for_their_index_are_stored_once_and_found()
    {
        _open.Append(new SomeRow { Message = "before" });
        using var rows = Some.Batch(new SomeRow { Message = "while" }, new SomeRow { Message = "memory runs out" });
        using var batch = new RowBatch(ByteBuffer.ForBody(Unbounded.Instance), Unbounded.Instance, Some.Noon);
        batch.Know(2, [], new PiecesOnce(rows));

        _open.Store.Appender.Append([batch]).ShouldBe(AppendResult.Committed, "whoever heard anything else would send them again");

        _open.Append(new SomeRow { Message = "after" });
        await _open.IsSealedAsync();
        _open.Store.Reader.Messages(new LogQuery { Descending = false }).ShouldBe(["before", "while", "memory runs out", "after"]);
        _open.Store.Catalog.Segments.ToList().Count.ShouldBe(2);
        _open.Store.Lifecycle.SealingFailures.ShouldBe(0);
        _open.Store.Appender.TakeLosses().ShouldBeEmpty("nothing was lost");
    }

    private Task SavedAsync() => Eventually.IsSoAsync(
        () => !_open.Store.Catalog.Unreadable.Any(), () => string.Join('\n', _open.Log.Errors));

    private void FailsUntilThereIsRoom()
    {
        using var batch = Some.Batch(new SomeRow { Message = "later" });
        (_isFull, _attempts) = (true, 0);
        for (var request = 0; request < 50; request++)
        {
            var result = _open.Store.Appender.Append([batch]);
            result.Status.ShouldBe(AppendStatus.Fatal);
            result.Error.ShouldNotBeNull().ShouldContain("a new segment can't be begun: database or disk is full");
        }

        _attempts.ShouldBe(1, "not one a request");
        Directory.GetFiles(_open.Folder, "segment-000002*").ShouldBeEmpty("nothing half-made stays");
        _open.Log.Errors.Count(static e => e.Contains("No segment can be begun", StringComparison.Ordinal)).ShouldBe(1);

        _isFull = false;
        _clock.Advance(TimeSpan.FromMinutes(1));
        _open.Store.Appender.Append([batch]).ShouldBe(AppendResult.Committed);
        _open.Store.Catalog.Segments[^1].Name.ShouldBe(SegmentName.First.Next, "what failed took no number");
    }

    // Whoever wants them a second time, for the index, gets no memory.
    private sealed class PiecesOnce(RowBatch rows) : IRowPieces
    {
        private bool _isRead;

        public byte Kind => 0;

        public LogId FirstNewId => default;

        public IEnumerable<RowBatch> Read(RowBatch whole)
        {
            if (_isRead)
            {
                throw new InsufficientMemoryException();
            }

            _isRead = true;
            return [rows];
        }
    }
}
