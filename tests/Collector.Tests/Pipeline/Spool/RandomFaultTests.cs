using System.Collections.Concurrent;
using Collector.Pipeline.Ledger;
using Collector.Pipeline.Queue;
using Collector.Storage;
using Collector.Tests.Support;

namespace Collector.Tests.Pipeline.Spool;

/// <summary>Promise 2 under whatever happens: the account balances whenever anybody looks, and nothing is lost or doubled.</summary>
public sealed class RandomFaultTests : IDisposable
{
    private readonly TemporaryFolder _temporary = new();
    private readonly ConcurrentBag<int> _kept = [];

    [Theory]
    [InlineData(1, WhenFull.DropOldest)]
    [InlineData(2, WhenFull.DropOldest)]
    [InlineData(3, WhenFull.Wait)]
    public async Task The_ledger_balances_at_every_moment_of_a_random_load_with_faults(int seed, object whenFull)
    {
        var faults = new Faults(seed);
        var store = new RuledStore(_ => faults.Next());
        await using var pipes = new Pipes(
            store, _temporary.File("spool"), queue: new QueueOptions { Capacity = 20, WhenFull = (WhenFull)whenFull }, spoolBytes: 100_000);
        using var done = new CancellationTokenSource();
        var looker = Task.Run(() =>
        {
            var bound = new LoopBound();
            while (!done.IsCancellationRequested && bound.Holds())
            {
                pipes.Ledger.Read().ShouldAllBe(account => account.Counts.IsBalanced && account.Counts.InFlight >= 0 && account.Counts.Spooled >= 0);
            }
        });

        await Task.WhenAll(Enumerable.Range(0, 4).Select(producer => Task.Run(() => SendAsync(pipes, new Random((seed * 10) + producer), producer))));
        faults.AreOver = true;
        await pipes.UntilAsync(total => total.Spooled == 0 && total.InFlight == 0);
        await done.CancelAsync();
        await looker;
        await pipes.DrainAsync();

        var total = pipes.Total;
        total.IsBalanced.ShouldBeTrue();
        total.InFlight.ShouldBe(0);
        total.Stored.ShouldBe(store.Taken.Sum());
        total.Dropped.ShouldBe(0, "every producer waited for its answer");
        // FakeStore itself fails the test when a request is stored twice.
        store.Taken.Sum().ShouldBeGreaterThanOrEqualTo(_kept.Sum());
        Restored(store).ShouldBe(total);
    }

    public void Dispose() => _temporary.Dispose();

    private static LedgerCounts Restored(RuledStore store)
    {
        var next = new RowLedger();
        next.Restore(store.Recall(0, 0).Accounts).ShouldBeEmpty();
        return next.Total();
    }

    private async Task SendAsync(Pipes pipes, Random random, int producer)
    {
        for (var i = 0; i < 300; i++)
        {
            var rows = random.Next(1, 20);
            // Every tenth is a repeat of an earlier one.
            var number = (producer * 1_000) + (random.Next(10) == 0 ? random.Next(i + 1) : i);
            var batch = Batches.Of(rows, $"worker-{producer}", SomeBatches.Key(number));
            if ((await pipes.SendAsync(batch)).IsKept)
            {
                _kept.Add(rows);
            }
        }
    }

    /// <summary>Spells of good and bad answers; the writer's thread asks.</summary>
    private sealed class Faults(int seed)
    {
        private readonly Random _random = new(seed);
        private int _left;
        private AppendStatus _spell;

        public bool AreOver { get; set; }

        public AppendResult Next()
        {
            if (AreOver)
            {
                return AppendResult.Committed;
            }

            if (_left-- <= 0)
            {
                _left = _random.Next(1, 15);
                _spell = _random.Next(6) switch { < 3 => AppendStatus.Committed, < 5 => AppendStatus.Transient, _ => AppendStatus.Fatal };
            }

            return new AppendResult(_spell, _spell.ToString());
        }
    }
}
