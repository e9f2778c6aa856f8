using Collector.Model;
using Collector.Pipeline.Ledger;
using Collector.Storage;
using Collector.Tests.Support;

namespace Collector.Tests.Pipeline.Write;

/// <summary>Memory that runs out passes, and no thread ends of it: nothing would be stored any more until a restart.</summary>
public sealed class OutOfMemoryTests : IDisposable
{
    private readonly TemporaryFolder _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public async Task The_writer_goes_on_and_what_it_had_in_its_hands_is_stored_later()
    {
        var store = new ForgetfulStore(failures: 1);
        await using var pipes = new Pipes(store, _temporary.File("spool"));

        (await pipes.SendAsync(1, rows: 3)).IsKept.ShouldBeTrue();
        (await pipes.SendAsync(2, rows: 4)).IsKept.ShouldBeTrue();
        await pipes.UntilAsync(static total => total is { Spooled: 0, InFlight: 0 });

        pipes.Total.ShouldBe(Counts.Of(7, stored: 7));
        pipes.Writer.IsAlive.ShouldBeTrue();
    }

    [Fact]
    public async Task The_spools_thread_goes_on_and_the_producer_is_told_to_retry()
    {
        var store = new ForgetfulStore(failures: 1);
        var disk = default(ForgetfulSpool);
        await using var pipes = new Pipes(store, _temporary.File("spool"), disk: inner => disk = new ForgetfulSpool(inner));

        (await pipes.SendAsync(1, rows: 3)).Status.ShouldBe(IngestStatus.Refused);
        (await pipes.SendAsync(2, rows: 4)).IsKept.ShouldBeTrue();

        pipes.Total.ShouldBe(Counts.Of(7, stored: 4, refused: 3));
        (pipes.Keeper.IsAlive, disk!.Failures).ShouldBe((true, 0));
    }

    // Fails between the writer and the part that guards the store.
    private sealed class ForgetfulStore(int failures) : ILogAppender
    {
        private int _failures = failures;

        public AppendResult Append(AppendGroup group) => AppendResult.Committed;

        public bool? Contains(LogId firstLogId) => false;

        public StoreMemory Recall(ulong keysSinceNanos, ulong streamsSinceNanos) => StoreMemory.Empty;

        public IReadOnlyList<StoreLoss> TakeLosses() => _failures-- > 0 ? throw new InsufficientMemoryException() : [];
    }

    private sealed class ForgetfulSpool(ISpoolStore inner) : ISpoolStore
    {
        public int Failures { get; private set; } = 1;

        public long Bytes => inner.Bytes;

        public int SetAside => inner.SetAside;

        public SpoolMemory? Recall() => inner.Recall();

        public bool HasRoomFor(long bytes, out string? error)
        {
            if (Failures > 0)
            {
                Failures--;
                throw new InsufficientMemoryException();
            }

            return inner.HasRoomFor(bytes, out error);
        }

        public bool TryAppend(IReadOnlyList<SpoolEntry> entries, out string? error) => inner.TryAppend(entries, out error);

        public bool TryKeep(IReadOnlyList<AccountRecord> accounts, IReadOnlyList<Gap> gaps, out string? error) => inner.TryKeep(accounts, gaps, out error);

        public SpoolEntry? ReadNext(long after) => inner.ReadNext(after);

        public IReadOnlyList<SpooledRequest> TakeLost() => inner.TakeLost();

        public void Done(long through) => inner.Done(through);

        public void Reject(SpoolEntry entry, string reason) => inner.Reject(entry, reason);

        public void TidyUp() => inner.TidyUp();

        public void Dispose() => inner.Dispose();
    }
}
