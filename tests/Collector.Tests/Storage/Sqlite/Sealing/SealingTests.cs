using Collector.Commands;
using Collector.Model;
using Collector.Storage;
using Collector.Storage.Folder;
using Collector.Storage.Sqlite;
using Collector.Storage.Sqlite.Driver;
using Collector.Storage.Sqlite.Segments;
using Collector.Storage.Sqlite.TextIndex;
using Collector.Tests.Support;

namespace Collector.Tests.Storage.Sqlite.Sealing;

/// <summary>What is asked has one answer, wherever its rows are on their way from the hot index to a sealed file.</summary>
public sealed class SealingTests : IDisposable
{
    private const int RowsEach = 400;
    private const int RowsInTextBlock = 30;

    private readonly OpenStore _open = new(new SqliteStoreOptions { RowsInTextBlock = RowsInTextBlock });
    private readonly Random _random = new(4);

    private static IEnumerable<LogQuery> Questions =>
        from worker in new[] { null, "w1", "nobody" }
        from level in new[] { Level.Debug, Level.Warn, Level.Error }
        from id in new (string? Correlation, string? Trace)[] { (null, null), ("c3", null), (null, $"{2:x32}") }
        from isDescending in new[] { true, false }
        from range in new (ulong From, ulong To)[] { (0, ulong.MaxValue), (20, 60) }
        select new LogQuery
        {
            Worker = worker,
            MinLevel = level,
            CorrelationId = id.Correlation,
            TraceId = id.Trace,
            Descending = isDescending,
            From = range.From,
            To = range.To,
            Limit = 1_000,
        };

    public void Dispose() => _open.Dispose();

    [Fact]
    public async Task The_same_question_has_the_same_answer_before_during_and_after_sealing()
    {
        AppendSome();
        var before = Answers();
        using (await DatabaseLock.TakeAsync(_open.Folder))
        {
            _open.Store.Appender.RollOver();
            await Eventually.IsSoAsync(() => _open.Store.Catalog.Segments[0].State == SegmentState.Sealing, () => "sealing");
            Answers().ShouldBe(before);
            _open.Store.Lifecycle.Unsealed.ShouldBe(1);
            await Eventually.IsSoAsync(() => !_open.Log.Errors.IsEmpty, () => "a lock that lasts is complained of");
        }

        Answers().ShouldBe(before);
        _open.Store.Lifecycle.Retain();
        await _open.IsSealedAsync();
        Answers().ShouldBe(before);
        _open.Store.Lifecycle.Unsealed.ShouldBe(0);
        _open.Restart();
        Answers().ShouldBe(before);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(6)]
    [InlineData(7)]
    public async Task A_crash_with_some_of_the_indexes_built_is_repaired_at_the_next_start(int built)
    {
        AppendSome();
        var before = Answers();
        var file = _open.HotFile;
        await KilledWhileSealingAsync();
        using (var connection = Connections.OpenExistingWriter(file))
        {
            foreach (var index in Sql.Indexes.Take(built))
            {
                connection.Execute(index);
            }

            if (built > Sql.Indexes.Count)
            {
                TextIndexBuilder.Build(connection, RowsInTextBlock / 3);
            }
        }

        _open.Restart();
        Answers().ShouldBe(before);
        await _open.IsSealedAsync();
        Answers().ShouldBe(before);
        _open.Store.Catalog.Segments[0].Feed.ShouldBeNull("the index in memory has gone");
    }

    [Fact]
    public async Task A_segment_that_is_marked_but_still_in_its_wal_answers_and_leaves_it_later()
    {
        AppendSome();
        var before = Answers();
        var file = _open.HotFile;
        using (var reader = Connections.OpenReader(file))
        {
            reader.Execute("BEGIN; SELECT count(*) FROM tail_logs");
            _open.Store.Appender.RollOver();
            await Eventually.IsSoAsync(
                () => _open.Store.Catalog.Segments[0].State == SegmentState.Sealed, () => string.Join(';', _open.Log.Errors));
            Answers().ShouldBe(before);
            _open.Restart();
            _open.Store.Catalog.Segments[0].State.ShouldBe(SegmentState.Sealed);
            Answers().ShouldBe(before);
            _open.Store.Catalog.Segments[0].Readers.IsImmutable.ShouldBeFalse();
        }

        _open.Store.Lifecycle.Retain();
        await _open.IsSealedAsync();
        Answers().ShouldBe(before);
        File.Exists(file + "-wal").ShouldBeFalse();
    }

    [Fact]
    public async Task A_kill_in_the_moment_of_leaving_the_wal_is_taken_back_at_the_next_start()
    {
        AppendSome();
        var before = Answers();
        var file = _open.HotFile;
        _open.Store.Appender.RollOver();
        await _open.IsSealedAsync();
        _open.Store.Dispose();
        LeaveUnfinished(file);

        _open.Restart();
        Answers().ShouldBe(before);
        await _open.IsSealedAsync();
        SegmentFile.HasJournal(file).ShouldBeFalse();
        _open.Log.Errors.ShouldBeEmpty();
    }

    [Fact]
    public async Task Full_segments_roll_over_by_themselves_and_their_rows_stay_in_order_of_time()
    {
        using var open = new OpenStore(new SqliteStoreOptions { SegmentRows = 100 });
        var expected = new List<SomeRow>();
        for (var i = 0; i < 30; i++)
        {
            var rows = Enumerable.Range(0, 20).Select(_ => AnyRow()).ToArray();
            expected.AddRange(rows);
            await Eventually.IsSoAsync(() => open.Store.Appender.Append([Some.Batch(rows)]) == AppendResult.Committed, () => "sealing goes on");
        }

        open.Store.Catalog.Segments.Length.ShouldBe(6);
        await open.IsSealedAsync();
        open.Store.Reader.Messages(new LogQuery { Descending = false, Limit = 1_000 })
            .ShouldBe(expected.OrderBy(static r => r.Nanos).Select(static r => r.Message));
        open.Store.Catalog.Segments.Select(static s => s.Rows).ShouldBe([100, 100, 100, 100, 100, 100]);
    }

    [Fact]
    public async Task Segments_that_wait_for_sealing_are_bounded_and_push_back()
    {
        using var open = new OpenStore(new SqliteStoreOptions { SegmentRows = 10 });
        AppendResult result;
        var appended = 0;
        var first = await DatabaseLock.TakeAsync(open.Folder);
        // The lock is on the first file, which the writer needs no more once it is full.
        first.Dispose();
        open.Append(Ten());
        using (await DatabaseLock.TakeAsync(open.Folder))
        {
            do
            {
                result = open.Store.Appender.Append([Some.Batch(Ten())]);
                appended++;
            }
            while (result == AppendResult.Committed && appended < 40);

            result.Status.ShouldBe(AppendStatus.Transient);
            result.Error.ShouldNotBeNull().ShouldContain("sealing is behind: 3 full segments");
            open.Store.Lifecycle.Unsealed.ShouldBe(3);
            open.Store.Reader.Ask(new LogQuery { Limit = 1_000 }).Count.ShouldBe(appended * 10, "all unsealed ones answer");
        }

        open.Store.Lifecycle.Retain();
        await Eventually.IsSoAsync(() => open.Store.Appender.Append([Some.Batch(Ten())]) == AppendResult.Committed, () => "room again");
    }

    [Fact]
    public Task A_lookup_in_60_segments_finds_its_rows_and_holds_few_files() => LookUpAsync(segments: 60, maxIdleReaders: 8);

    internal static async Task LookUpAsync(int segments, int maxIdleReaders)
    {
        using var open = new OpenStore(new SqliteStoreOptions { MaxIdleReaders = maxIdleReaders });
        // Five segments have rows of the wide one.
        var step = segments / 5;
        for (var i = 0; i < segments; i++)
        {
            open.Append(
                new SomeRow { Correlation = $"c{i}", Message = $"{i}", Nanos = (ulong)i },
                new SomeRow { Correlation = i % step == 7 ? "wide" : "narrow", Message = $"{i} too", Nanos = (ulong)i });
            open.Store.Appender.RollOver();
            if (i % 25 == 0)
            {
                await open.IsSealedAsync();
            }
        }

        await open.IsSealedAsync();
        open.Store.Reader.ClosureMessages($"c{segments - 9}").ShouldBe([$"{segments - 9}"]);
        var wide = Enumerable.Range(0, 5).Select(i => $"{(i * step) + 7} too").ToArray();
        open.Store.Reader.ClosureMessages("wide").ShouldBe(wide);
        open.Store.Reader.Messages(new LogQuery { CorrelationId = "wide", Limit = 2 }).ShouldBe([wide[4], wide[3]]);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(
            () => open.Store.Reader.ClosureMessages($"c{i * step / 2}").ShouldBe([$"{i * step / 2}"]))));
        if (OperatingSystem.IsLinux())
        {
            Directory.GetFiles("/proc/self/fd").Count(f => PointsInto(f, open.Folder)).ShouldBeLessThan((maxIdleReaders * 3) + 10);
        }

        open.Restart();
        open.Store.Reader.ClosureMessages($"c{segments - 9}").ShouldBe([$"{segments - 9}"]);
        open.Store.Reader.Ask(new LogQuery { Limit = 1_000 }).Count.ShouldBe(segments * 2);
    }

    private static bool PointsInto(string descriptor, string folder)
    {
        try
        {
            return new FileInfo(descriptor).LinkTarget?.StartsWith(folder, StringComparison.Ordinal) == true;
        }
        catch (IOException)
        {
            return false; // Closed meanwhile.
        }
    }

    // As a kill would leave it: rolled over, nothing built. The lock keeps the sealer off until the store is closed.
    private async Task KilledWhileSealingAsync()
    {
        using var kept = await DatabaseLock.TakeAsync(_open.Folder);
        _open.Store.Appender.RollOver();
        _open.Store.Dispose();
        _open.Store.Catalog.Segments[0].State.ShouldNotBe(SegmentState.Sealed);
    }

    private static SomeRow[] Ten() => [.. Enumerable.Range(0, 10).Select(static _ => new SomeRow())];

    private void AppendSome() => _open.Append([.. Enumerable.Range(0, RowsEach).Select(_ => AnyRow())]);

    private SomeRow AnyRow() => new()
    {
        Message = $"{_random.Next()}",
        Worker = $"w{_random.Next(3)}",
        Correlation = $"c{_random.Next(20)}",
        Trace = (UInt128)_random.Next(20),
        Level = (Level)_random.Next(4),
        Nanos = (ulong)_random.Next(100),
    };

    private List<string> Answers() =>
    [
        .. Questions.Select(q => $"{q}: {string.Join(' ', _open.Store.Reader.Messages(q))}"),
        .. new[] { "12", "123", "1234", "98765", "-" }.Select(text => $"{text}: {string.Join(' ', _open.Store.Reader.Messages(new LogQuery { Text = text }))}"),
        .. new[] { "c1", "c5", $"{3:x32}", "none" }.Select(id => $"{id}: {string.Join(' ', _open.Store.Reader.ClosureMessages(id))}"),
    ];

    // Leaving the WAL writes the file's head under a rollback journal: this is that write, copied before its commit.
    private static void LeaveUnfinished(string file)
    {
        var copy = file + ".copy";
        using (var writer = Connections.OpenExport(file))
        {
            writer.Execute("PRAGMA journal_mode = DELETE; BEGIN IMMEDIATE; PRAGMA user_version = 7");
            File.Copy(file, copy);
            File.Copy(file + "-journal", copy + "-journal");
            writer.Execute(Sql.Rollback);
        }

        File.Move(copy, file, overwrite: true);
        File.Move(copy + "-journal", file + "-journal");
    }
}
