using Collector.Model;
using Collector.Storage;
using Collector.Storage.Sqlite;
using Collector.Storage.Sqlite.Search;
using Collector.Storage.Sqlite.Segments;
using Collector.Tests.Support;

namespace Collector.Tests.Storage.Sqlite.Salvage;

/// <summary>A folder of three segments (sealed, unsealed, hot), of which copies are damaged.</summary>
internal sealed class PageTrial : IDisposable
{
    public const int RowsOfSegment = 700;
    public const int Rows = 3 * RowsOfSegment;
    private const int PageSize = SegmentWriter.PageSize;

    private readonly TemporaryFolder _whole = new();

    /// <summary>How the files stand after a clean stop, or after a kill, with what is in their WALs.</summary>
    public static async Task<PageTrial> CreateAsync()
    {
        var trial = new PageTrial();
        using var open = new OpenStore(new SqliteStoreOptions { RowsInTextBlock = 64 });
        AppendRows(open, 0);
        open.Store.Appender.RollOver();
        await open.IsSealedAsync();
        AppendRows(open, 1);
        // The lock keeps the second one from being sealed.
        using (await DatabaseLock.TakeAsync(open.Folder))
        {
            open.Store.Appender.RollOver();
            AppendRows(open, 2);
            foreach (var file in Directory.GetFiles(open.Folder).Where(static f => Path.GetFileName(f).StartsWith("segment", StringComparison.Ordinal)))
            {
                await using var source = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
                await using var target = File.Create(trial._whole.File(Path.GetFileName(file)));
                await source.CopyToAsync(target);
            }
        }

        File.Delete(trial._whole.File("segment-000003.db-shm"));
        File.Delete(trial._whole.File("segment-000002.db-shm"));
        trial.Checkpoint();
        return trial;
    }

    /// <summary>Damages a random page of one file of a copy and asks all there is to ask; returns what was damaged.</summary>
    public async Task<string> RunAsync(int seed)
    {
        using var folder = new TemporaryFolder();
        foreach (var file in Directory.GetFiles(_whole.Path))
        {
            File.Copy(file, folder.File(Path.GetFileName(file)));
        }

        var what = Damage(folder, new Random(seed));
        if (Environment.GetEnvironmentVariable("TRIAL_LOG") is { } progress)
        {
            await File.AppendAllTextAsync(progress, $"{seed} {what}\n");
        }

        var log = new RecordingLogger();
        var lost = 0L;
        int found;
        using (var store = Open(folder, log))
        {
            await store.Reader.Ready;
            Ask(store, what);
            await SettleAsync(store, log, losses => lost += losses, what);
            found = Ask(store, what);
            var segments = string.Join(", ", store.Catalog.Segments.Select(static s => $"{s.Name} {s.Rows} of {s.LastRow} {s.FirstTimestamp}-{s.LastTimestamp}"));
            (found + lost).ShouldBe(Rows, $"{what}: {found} found, {lost} lost; {segments}; {string.Join("; ", log.Errors)}");
            if (lost > 0)
            {
                log.Errors.ShouldNotBeEmpty(what);
            }
        }

        var second = new RecordingLogger();
        using (var store = Open(folder, second))
        {
            await store.Reader.Ready;
            Ask(store, what).ShouldBe(found, what);
            await SettleAsync(store, second, static _ => { }, what);
            second.Errors.ShouldBeEmpty(what);
            Ask(store, what).ShouldBe(found, what);
        }

        return $"{what}: {found} found, {lost} lost";
    }

    public void Dispose() => _whole.Dispose();

    private static void AppendRows(OpenStore open, int segment)
    {
        for (var first = 0; first < RowsOfSegment; first += 50)
        {
            open.Append([.. Enumerable.Range((segment * RowsOfSegment) + first, 50).Select(static i => new SomeRow
            {
                Worker = $"worker-{i % 3}",
                Correlation = $"correlation-{i / 7}",
                Trace = (UInt128)(i / 5 + 1),
                Message = $"row {i} of many",
                // Some longer than a page.
                Context = $$"""{"text":"{{new string((char)('a' + (i % 26)), i % 97 == 0 ? 20_000 : 300)}}"}""",
                Kind = i % 10 == 0 ? Kind.Request : Kind.Log,
                WallMs = i % 10 == 0 ? i : null,
                Nanos = Some.Noon + ((ulong)i * 1_000_000_000),
                Resource = $$"""{"host":"{{i % 40}}"}""",
            })]);
        }
    }

    // The files without WALs: a page of theirs is a page of the store.
    private void Checkpoint()
    {
        foreach (var file in Directory.GetFiles(_whole.Path, "*.db"))
        {
            using var connection = Collector.Storage.Sqlite.Driver.Connections.OpenExistingWriter(file);
            Collector.Storage.Sqlite.Driver.RawSqlite.CheckpointTruncate(connection);
        }
    }

    private static string Damage(TemporaryFolder folder, Random random)
    {
        var name = $"segment-00000{random.Next(1, 4)}.db";
        using var file = new FileStream(folder.File(name), FileMode.Open);
        var page = random.NextInt64(file.Length / PageSize);
        var bytes = new byte[PageSize];
        var kind = random.Next(3);
        switch (kind)
        {
            case 0:
                bytes.AsSpan().Fill(0xA5);
                break;
            case 1:
                random.NextBytes(bytes);
                break;
        }

        file.Position = page * PageSize;
        file.Write(bytes);
        return $"page {page + 1} of {file.Length / PageSize} of {name}, {new[] { "0xA5", "random", "zero" }[kind]}";
    }

    private static SqliteStore Open(TemporaryFolder folder, RecordingLogger log)
    {
        var options = new SqliteStoreOptions { Path = folder.Path, RowsInTextBlock = 64 };
        var opening = SqliteStore.Open(options, otherBytes: null, log, new NoonClock());
        opening.Error.ShouldBeNull();
        return opening.Store!;
    }

    // Every kind of question has an answer; the listing has each row at most once, in both orders the same.
    private static int Ask(SqliteStore store, string what)
    {
        var reader = store.Reader;
        var down = Walk(reader, descending: true);
        var up = Walk(reader, descending: false);
        down.Distinct().Count().ShouldBe(down.Count, what);
        up.Distinct().Count().ShouldBe(up.Count, what);
        var (from, to) = (Some.Noon, Some.Noon + (3600UL * 1_000_000_000));
        reader.Measure(new MetricsQuery { From = from, To = to, Step = 60_000_000_000 }, CancellationToken.None);
        reader.Measure(new MetricsQuery { From = from + 1, To = to, Step = 7_000_000_000, Worker = "worker-1" }, CancellationToken.None);
        reader.Measure(new MetricsQuery { From = from + 1, To = to, Step = 7_000_000_000, CountsFrom = Level.Info }, CancellationToken.None);
        reader.LastSeen(CancellationToken.None).Count.ShouldBePositive(what);
        reader.Ask(new LogQuery { Text = "row 77 of", Limit = 10 });
        reader.Ask(new LogQuery { Kind = Kind.Request, Limit = 1_000 });
        reader.Ask(new LogQuery { Worker = "worker-2", MinLevel = Level.Info, Limit = 1_000 });
        reader.Closure("correlation-70", out _);
        reader.Closure("correlation-250", out _);
        var arrivals = new CollectingSink();
        reader.ReadArrivals(default, 100_000, arrivals, CancellationToken.None);
        reader.FindGaps(null, 0, Timestamps.Latest, CancellationToken.None);
        store.Appender.Recall(0, 0);
        return up.Count;
    }

    private static List<string> Walk(SqliteReader reader, bool descending)
    {
        var rows = new List<string>();
        PageEnd end = new(null, true, Arrival.Last);
        for (var page = 0; end.More && page < 100; page++)
        {
            rows.AddRange(reader.Ask(new LogQuery { Descending = descending, Limit = 100, After = end.Last, Watermark = end.Watermark }, out end)
                .Select(static row => row.Message!));
        }

        end.More.ShouldBeFalse();
        return rows;
    }

    private static Task SettleAsync(SqliteStore store, RecordingLogger log, Action<long> lost, string what) => Eventually.IsSoAsync(
        () =>
        {
            lost(store.Appender.TakeLosses().SelectMany(static loss => loss.Gaps).Sum(static gap => gap.Count));
            store.Appender.Append(new AppendGroup()).Status.ShouldBeOneOf(AppendStatus.Committed, AppendStatus.Transient);
            return !store.Catalog.Unreadable.Any() && !store.Appender.HasLosses
                && store.Catalog.Segments.SkipLast(1).All(static s => s is { State: SegmentState.Sealed, IsDamaged: false, Readers.IsImmutable: true });
        },
        () => $"{what}: {string.Join(", ", store.Catalog.Segments.Select(static s => $"{s.Name} {s.State} {s.IsDamaged}"))} {string.Join('\n', log.Errors)}");
}
