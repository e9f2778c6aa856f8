using System.Diagnostics;
using Collector.Model;
using Collector.Storage;
using Collector.Storage.Folder;
using Collector.Storage.Sqlite;
using Collector.Storage.Sqlite.Driver;
using Collector.Storage.Sqlite.Search;
using Collector.Storage.Sqlite.Segments;
using Collector.Tests.Support;

namespace Collector.Tests.Storage.Sqlite;

public sealed class SqliteStoreTests : IDisposable
{
    private static readonly LogQuery _oldestFirst = new() { Descending = false, Limit = 100_000 };

    private readonly OpenStore _open = new();

    private SqliteStore Store => _open.Store;

    public void Dispose() => _open.Dispose();

    [Fact]
    public void A_lock_held_elsewhere_is_transient_and_the_same_rows_go_in_afterwards()
    {
        using var batch = Some.Batch(new SomeRow());
        using (var other = Connections.OpenWriter(_open.HotFile))
        {
            other.Execute(Sql.BeginImmediate);
            var result = Store.Appender.Append([batch]);
            result.Status.ShouldBe(AppendStatus.Transient);
            result.Error!.ShouldContain("locked");
            other.Execute(Sql.Rollback);
        }

        Store.Appender.Append([batch]).ShouldBe(AppendResult.Committed);
        Store.Reader.Ask(_oldestFirst).Count.ShouldBe(1);
    }

    [Fact]
    public void A_batch_that_throws_while_it_is_read_leaves_the_writer_whole()
    {
        using var batch = Some.Batch(new SomeRow { Message = "good" });
        using var broken = Some.Batch(new SomeRow { Message = "bystander" });
        broken.Add(new Row { Message = Slice.OfBody(1_000_000, 5) });

        Should.Throw<ArgumentOutOfRangeException>(() => Store.Appender.Append([broken]));
        Store.Appender.Append([batch]).ShouldBe(AppendResult.Committed);
        Store.Reader.Messages(_oldestFirst).ShouldBe(["good"]);
    }

    [Fact]
    public async Task Rows_written_by_another_program_make_the_writer_begin_a_new_segment_and_are_seen_once_the_old_one_is_sealed()
    {
        Append(new SomeRow { Message = "ours" });
        using (var other = Connections.OpenWriter(_open.HotFile))
        {
            other.Execute("""
                INSERT INTO tail_logs
                    (log_id, worker_name, correlation_id, log_level, message, timestamp, created_at, kind)
                VALUES ('x', 'w', 'c', 'info', 'theirs', '2026-01-01T00:00:00.000000000Z', '', 'log')
                """);
        }

        using var batch = Some.Batch(new SomeRow { Message = "later" });
        Store.Appender.Append([batch]).Status.ShouldBe(AppendStatus.Transient);
        Store.Appender.Append([batch]).ShouldBe(AppendResult.Committed);
        await _open.IsSealedAsync();
        Store.Reader.Messages(_oldestFirst).ShouldBe(["theirs", "ours", "later"]);
        _open.Restart();
        Store.Reader.Messages(_oldestFirst).ShouldBe(["theirs", "ours", "later"]);
    }

    [Fact]
    public void A_row_deleted_by_another_program_is_missed_by_nobody_else()
    {
        Append([.. Enumerable.Range(0, 5).Select(static i => new SomeRow { Message = $"{i}" })]);
        using (var other = Connections.OpenWriter(_open.HotFile))
        {
            other.Execute("DELETE FROM tail_logs WHERE message IN ('1', '2')");
        }

        Store.Reader.Messages(_oldestFirst).ShouldBe(["0", "3", "4"]);
        _open.Restart();
        Store.Reader.Messages(_oldestFirst).ShouldBe(["0", "3", "4"]);
        Append(new SomeRow { Message = "5" });
        Store.Reader.Messages(_oldestFirst).ShouldBe(["0", "3", "4", "5"]);
    }

    [Fact]
    public void A_resource_is_stored_once_a_segment()
    {
        for (var i = 0; i < 3; i++)
        {
            Append(new SomeRow { Resource = "{\"a\":1}" }, new SomeRow { Resource = "{\"b\":1}" });
        }

        Count("SELECT count(*) FROM tail_resources").ShouldBe(2);
        Store.Reader.Ask(_oldestFirst).Select(static r => r.Resource).ShouldBe(
            ["{\"a\":1}", "{\"b\":1}", "{\"a\":1}", "{\"b\":1}", "{\"a\":1}", "{\"b\":1}"]);
    }

    [Fact]
    public void The_index_is_rebuilt_while_rows_are_appended_and_none_is_missed_or_doubled()
    {
        var expected = new List<string?>();
        for (var round = 0; round < 4; round++)
        {
            for (var i = 0; i < 25; i++)
            {
                // The first appends of a round meet the rebuild of all earlier rows.
                var rows = Enumerable.Range(0, 1_000).Select(n => new SomeRow
                {
                    Message = $"{round}.{i}.{n}",
                    Nanos = Some.Noon + (ulong)expected.Count + (ulong)n,
                }).ToArray();
                Append(rows);
                expected.AddRange(rows.Select(static r => r.Message));
            }

            Store.Reader.Messages(_oldestFirst).ShouldBe(expected);
            _open.Restart();
        }
    }

    [Fact]
    public void A_committed_row_is_seen_by_the_next_question()
    {
        for (var i = 0; i < 200; i++)
        {
            Append(new SomeRow { Message = $"{i}", Nanos = (ulong)i });
            Store.Reader.Ask(new LogQuery { Limit = 1 }).Single().Message.ShouldBe($"{i}");
        }
    }

    [Fact]
    public async Task Questions_while_rows_are_appended_see_whole_transactions_only()
    {
        var writing = Task.Run(() =>
        {
            for (var i = 0; i < 300; i++)
            {
                Append([.. Enumerable.Range(0, 10).Select(n => new SomeRow
                {
                    Correlation = $"c{i % 7}", Nanos = (ulong)((i * 10) + n),
                })]);
            }
        });
        var bound = new LoopBound();
        while (!writing.IsCompleted && bound.Holds())
        {
            (Store.Reader.Ask(_oldestFirst).Count % 10).ShouldBe(0);
            (Store.Reader.Closure("c3", out _).Count % 10).ShouldBe(0);
        }

        await writing;
        Store.Reader.Ask(_oldestFirst).Count.ShouldBe(3_000);
    }

    [Fact]
    public async Task An_outside_reader_of_the_live_file_costs_no_row()
    {
        using var stop = new CancellationTokenSource();
        var reading = Task.Run(() =>
        {
            var bound = new LoopBound();
            while (!stop.IsCancellationRequested && bound.Holds())
            {
                Count("SELECT count(*) FROM tail_logs WHERE message LIKE '%e%'");
                SqliteTool("SELECT max(rowid) FROM tail_logs;");
            }
        });
        for (var i = 0; i < 200; i++)
        {
            Append([.. Enumerable.Range(0, 50).Select(static _ => new SomeRow { Context = new string('x', 400) })]);
        }

        await stop.CancelAsync();
        await reading;
        Count("SELECT count(*) FROM tail_logs").ShouldBe(10_000);
        (SqliteTool("SELECT count(*) FROM tail_logs;") ?? "10000").ShouldBe("10000");
        _open.Restart();
        Store.Reader.Ask(_oldestFirst).Count.ShouldBe(10_000);
    }

    [Fact]
    public void The_catalog_knows_numbers_rows_times_and_bytes_of_each_segment()
    {
        using var batch = Some.Batch(Some.Noon + 500, new SomeRow { Nanos = 30 }, new SomeRow { Nanos = 10 });
        Store.Appender.Append([batch]);
        _open.Restart(beginSegment: true);
        Store.Reader.Ask(_oldestFirst);

        var segments = Store.Catalog.Segments;
        segments.Select(static s => s.Name.ToString()).ShouldBe(["segment-000001.db", "segment-000002.db"]);
        segments.Select(static s => s.Rows).ShouldBe([2, 0]);
        (segments[0].FirstTimestamp, segments[0].LastTimestamp).ShouldBe((10UL, 30UL));
        (segments[0].FirstArrivalNanos, segments[0].LastArrivalNanos).ShouldBe((Some.Noon + 500, Some.Noon + 500));
        segments[0].Bytes.ShouldBeGreaterThanOrEqualTo(new FileInfo(segments[0].Path).Length);
        Store.Catalog.Rows.ShouldBe(2);
    }

    [Fact]
    public async Task A_question_that_waits_for_the_index_ends_with_its_token()
    {
        var never = new TaskCompletionSource();
        var catalog = new Catalog();
        var reader = new SqliteReader(catalog, new IdHasher(), SomeDamages.Of(catalog), never.Task);
        using var cancel = new CancellationTokenSource();
        var asking = Task.Run(() => reader.Find(_oldestFirst, new CollectingSink(), cancel.Token));
        await cancel.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(asking);

        never.SetException(new InvalidOperationException("disk on fire"));
        Should.Throw<StoreUnavailableException>(() => reader.Ask(_oldestFirst)).Message.ShouldContain("disk on fire");
    }

    [Fact]
    public async Task A_statement_that_runs_long_is_interrupted()
    {
        using var connection = Connections.OpenReader(_open.HotFile);
        using var endless = connection.Prepare(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n");
        var running = Task.Run(endless.Step);
        // An interruption that comes before the statement runs is forgotten by SQLite: repeat until it hit.
        var bound = new LoopBound();
        while (!running.IsCompleted && bound.Holds())
        {
            connection.Interrupt();
        }

        (await running & 0xFF).ShouldBe(SQLitePCL.raw.SQLITE_INTERRUPT);
    }

    [Fact]
    public async Task A_statement_that_begins_after_its_cancellation_ends_too()
    {
        using var connection = Connections.OpenReader(_open.HotFile);
        connection.StopWith(new CancellationToken(canceled: true));
        using var endless = connection.Prepare(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n");
        var code = await Task.Run(endless.Step).WaitAsync(TimeSpan.FromMinutes(1));
        (code & 0xFF).ShouldBe(SQLitePCL.raw.SQLITE_INTERRUPT);

        endless.Reset();
        connection.StopWith(null);
        using var brief = connection.Prepare("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 100000) SELECT count(*) FROM n");
        brief.Step().ShouldBe(SQLitePCL.raw.SQLITE_ROW);
    }

    // How many run at once is bounded by the gates of Query alone: a second bound here would let live readers wait.
    [Fact]
    public async Task Rows_by_arrival_are_read_however_many_slow_queries_run()
    {
        const int Slow = 20;
        Append(new SomeRow(), new SomeRow());
        using var released = new SemaphoreSlim(0);
        using var begun = new SemaphoreSlim(0);
        var sink = () => new CollectingSink
        {
            OnRow = () =>
            {
                begun.Release();
                released.Wait();
            },
        };
        var slow = Enumerable.Range(0, Slow)
            .Select(_ => Task.Factory.StartNew(() => Store.Reader.Find(_oldestFirst with { Limit = 1 }, sink(), CancellationToken.None), TaskCreationOptions.LongRunning))
            .ToArray();
        for (var i = 0; i < Slow; i++)
        {
            (await begun.WaitAsync(TimeSpan.FromSeconds(30))).ShouldBeTrue($"{i} run");
        }

        var arrivals = new CollectingSink();
        await Task.Run(() => Store.Reader.ReadArrivals(default, 10, arrivals, CancellationToken.None)).WaitAsync(TimeSpan.FromSeconds(30));
        arrivals.Rows.Count.ShouldBe(2);
        released.Release(slow.Length);
        await Task.WhenAll(slow);
    }

    private void Append(params SomeRow[] rows) => _open.Append(rows);

    private long Count(string sql)
    {
        using var connection = Connections.OpenReader(_open.HotFile);
        using var statement = connection.Prepare(sql);
        statement.Step().ShouldBe(SQLitePCL.raw.SQLITE_ROW);
        return statement.Integer(0);
    }

    // The command line tool as an operator would use it; null where it is not installed.
    private string? SqliteTool(string sql)
    {
        const string tool = "/usr/bin/sqlite3";
        if (!File.Exists(tool))
        {
            return null;
        }

        var start = new ProcessStartInfo(tool, ["-readonly", "-cmd", ".timeout 5000", _open.HotFile, sql])
        {
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var answer = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        return answer;
    }
}
