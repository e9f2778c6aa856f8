using Collector.Model;
using Collector.Storage;
using Collector.Storage.Sqlite;
using Collector.Storage.Sqlite.Rollup;
using Collector.Storage.Sqlite.Sealing;
using Collector.Storage.Sqlite.Segments;
using Collector.Tests.Support;

namespace Collector.Tests.Storage.Sqlite.Segments;

/// <summary>The indexes are rebuilt while other threads go on: here with the segments that retention takes.</summary>
public sealed class HotIndexRebuildTests : IDisposable
{
    private readonly OpenStore _open = new();
    private readonly Catalog _catalog = new();
    private readonly IdleReaders _idle = new(8);
    private readonly AutoResetEvent _wake = new(false);
    private SegmentWriter? _writer;

    private Segment Older => _catalog.Segments[0];

    private Segment Newer => _catalog.Segments[1];

    public void Dispose()
    {
        _idle.Dispose();
        _writer?.Dispose();
        _open.Dispose();
        _wake.Dispose();
    }

    [Fact]
    public async Task A_segment_that_retention_took_before_it_was_read_keeps_no_other_from_answering()
    {
        var rebuild = await KilledWithTwoUnsealedAsync();
        // Still on the list, as it is for a rebuild that has begun with it on.
        Older.Readers.Retire();
        File.Delete(Older.Path);

        rebuild.Run();
        await rebuild.Done.WaitAsync(TimeSpan.FromMinutes(1));
        Newer.VisibleRows.ShouldBe(2);
        _open.Log.Errors.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_segment_is_free_to_be_deleted_only_when_the_rebuild_has_read_it()
    {
        var rebuild = await KilledWithTwoUnsealedAsync();
        using var held = new SemaphoreSlim(0);
        using var released = new SemaphoreSlim(0);
        var holding = Task.Factory.StartNew(
            () =>
            {
                using var adding = Older.Feed!.Rollup.Enter();
                held.Release();
                released.Wait();
            },
            TaskCreationOptions.LongRunning);
        await held.WaitAsync();
        var rebuilding = Task.Factory.StartNew(rebuild.Run, TaskCreationOptions.LongRunning);
        try
        {
            await Eventually.IsSoAsync(() => !IsNobodys(Older.Readers), () => "the rebuild reads the older one");
            Older.Readers.Retire();
            Older.Readers.IsFree.ShouldBeFalse();
        }
        finally
        {
            released.Release();
        }

        await holding;
        await rebuilding;
        await rebuild.Done.WaitAsync(TimeSpan.FromMinutes(1));
        Older.Readers.IsFree.ShouldBeTrue();
        Newer.VisibleRows.ShouldBe(2);
    }

    [Fact]
    public async Task Figures_of_a_rebuild_that_failed_are_not_kept_with_the_sealed_segment()
    {
        var unused = await KilledWithTwoUnsealedAsync();
        using (Newer.Feed!.Rollup.Enter())
        {
            Newer.Feed.Rollup.Add(Some.Noon, "worker-a"u8, Kind.Log, Level.Info, null, null);
        }

        _writer!.Dispose();
        using var wake = new AutoResetEvent(false);
        using var sealing = new SealingQueue(new SqliteStoreOptions(), wake, _open.Log);
        sealing.Enqueue(Newer, connection: null);
        using var job = sealing.TakeNext().ShouldNotBeNull();
        job.Seal(TimeSpan.Zero, TimeSpan.Zero, static () => { }).ShouldBeTrue();

        Newer.Readers.TryRent(out var reader).ShouldBeTrue();
        RollupTable.HasAny(reader!.Connection).ShouldBeFalse("one of two rows is counted");
        Newer.Readers.Return(reader);
    }

    [Fact]
    public async Task A_segment_that_the_rebuild_set_aside_is_not_waited_for_to_be_sealed()
    {
        var rebuild = await KilledWithTwoUnsealedAsync();
        using var wake = new AutoResetEvent(false);
        using var sealing = new SealingQueue(new SqliteStoreOptions(), wake, _open.Log);
        sealing.Enqueue(Older, connection: null);
        File.Move(Older.Path, Older.Path + ".damaged");
        Older.Readers.Retire();
        rebuild.Run();

        sealing.TakeNext().ShouldBeNull();
        (sealing.Behind, sealing.Failures, sealing.IsFailing).ShouldBe((0, 0L, false));
    }

    private static bool IsNobodys(ReaderPool readers)
    {
        var isAlone = false;
        readers.TryAlone(TimeSpan.Zero, TimeSpan.Zero, () =>
        {
            isAlone = true;
            return false;
        });
        return isAlone;
    }

    // The lock keeps the sealer off the first one until the store is closed.
    private async Task<HotIndexRebuild> KilledWithTwoUnsealedAsync()
    {
        _open.Append(new SomeRow());
        using (await DatabaseLock.TakeAsync(_open.Folder))
        {
            _open.Store.Appender.RollOver();
            _open.Append(new SomeRow(), new SomeRow());
            _open.Store.Dispose();
        }

        var clock = new NoonClock();
        var options = new SqliteStoreOptions { Path = _open.Folder };
        var damages = new Damages(_catalog, _wake, clock, _open.Log);
        var factory = new SegmentFactory(
            _open.Folder, options, new StoreSpace(options, clock), new IdHasher(), _catalog, _idle, damages, clock);
        factory.AddOlder(SegmentName.First);
        _writer = factory.OpenHot(SegmentName.First.Next, factory.Describe(SegmentName.First.Next));
        var rebuild = new HotIndexRebuild(_catalog, damages, _open.Log, clock);
        rebuild.Prepare();
        return rebuild;
    }
}
