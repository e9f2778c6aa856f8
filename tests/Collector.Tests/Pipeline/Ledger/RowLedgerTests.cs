using Collector.Model;
using Collector.Pipeline.Ledger;
using Collector.Tests.Support;

namespace Collector.Tests.Pipeline.Ledger;

public sealed class LedgerTests
{
    private readonly RowLedger _ledger = new();

    [Fact]
    public async Task It_balances_at_every_moment_of_a_concurrent_load()
    {
        using var done = new CancellationTokenSource();
        var looks = 0;
        var looker = Task.Run(() =>
        {
            var bound = new LoopBound();
            while ((!done.IsCancellationRequested || looks < 100) && bound.Holds())
            {
                _ledger.Read().ShouldAllBe(account => account.Counts.IsBalanced);
                _ledger.Total().IsBalanced.ShouldBeTrue();
                looks++;
            }
        });

        await Task.WhenAll(Enumerable.Range(0, 4).Select(seed => Task.Run(() => Load(new Random(seed)))));
        await done.CancelAsync();
        await looker;

        _ledger.Total().InFlight.ShouldBe(0);
    }

    [Fact]
    public void What_ended_survives_a_restart_and_what_was_under_way_counts_nowhere()
    {
        Ended(LedgerColumn.Refused, 3, "queue_full");
        Ended(LedgerColumn.Duplicate, 4, "repeat");
        _ledger.Receive(Batches.Of(100));
        var stored = _ledger.Receive(Batches.Of(7));
        var changes = _ledger.TakeChanges([stored]);

        var next = new RowLedger();
        next.Restore(changes.Accounts).ShouldBeEmpty();

        next.Total().ShouldBe(Counts.Of(14, stored: 7, duplicate: 4, refused: 3));
        next.Read().Single().Reasons.ShouldBe(new Dictionary<string, long> { ["queue_full"] = 3, ["repeat"] = 4 }, ignoreOrder: true);
    }

    [Fact]
    public void Changes_are_given_once_and_again_if_they_were_not_kept()
    {
        Ended(LedgerColumn.Refused, 3, "queue_full");
        var changes = _ledger.TakeChanges([]);
        changes.Accounts.Count.ShouldBe(1);
        _ledger.TakeChanges([]).IsEmpty.ShouldBeTrue();

        _ledger.NotKept(changes);

        _ledger.TakeChanges([]).Accounts.Single().Json.ShouldBe(changes.Accounts[0].Json);
    }

    [Fact]
    public void An_account_that_cannot_be_read_is_named_and_costs_only_itself()
    {
        Ended(LedgerColumn.Refused, 3, "queue_full");
        var good = _ledger.TakeChanges([]).Accounts;

        var next = new RowLedger();
        next.Restore([new AccountRecord("broken", "{\"stored\":"), .. good]).ShouldBe(["broken"]);

        next.Total().Refused.ShouldBe(3);
        next.Total().IsBalanced.ShouldBeTrue();
    }

    [Fact]
    public void Beyond_a_thousand_producers_the_rest_are_counted_together()
    {
        for (var i = 0; i < 1_500; i++)
        {
            using var batch = Batches.Of(2, $"worker-{i}");
            _ledger.Move(_ledger.Receive(batch), LedgerColumn.Stored);
        }

        var accounts = _ledger.Read();
        accounts.Count.ShouldBe(1_001);
        accounts.Single(account => account.WorkerName == "other-workers").Counts.ShouldBe(Counts.Of(1_000, stored: 1_000));
        _ledger.Total().ShouldBe(Counts.Of(3_000, stored: 3_000));
    }

    [Fact]
    public void Beyond_a_thousand_markers_losses_are_counted_and_leave_none_until_these_are_kept()
    {
        foreach (var reason in new[] { "queue_full", "spool_full" })
        {
            for (var i = 0; i < 600; i++)
            {
                using var batch = Batches.Of(2, $"worker-{i}");
                _ledger.Drop(_ledger.Receive(batch), batch, reason);
            }
        }

        _ledger.Total().ShouldBe(Counts.Of(2_400, dropped: 2_400));
        _ledger.TakeChanges([]).Gaps.Count.ShouldBe(1_000);
        Drop(10, 5);
        _ledger.TakeChanges([]).Gaps.Count.ShouldBe(1);
    }

    [Fact]
    public void Losses_of_one_producer_and_reason_become_one_marker_until_it_is_kept()
    {
        Drop(10, 5);
        Drop(8, 2);
        Drop(30, 1);

        var changes = _ledger.TakeChanges([]);
        changes.Gaps.Single().ShouldBe(new Gap("worker-a", 8, 30, 8, "queue_full"));
        _ledger.NotKept(changes);
        Drop(40, 1);
        _ledger.TakeChanges([]).Gaps.Single().ShouldBe(new Gap("worker-a", 8, 40, 9, "queue_full"));
        _ledger.TakeChanges([]).Gaps.ShouldBeEmpty();
    }

    [Fact]
    public void Spooled_rows_that_turn_out_to_be_stored_before_are_counted_once()
    {
        using var batch = Batches.Of(5);
        _ledger.Restore([new AccountRecord("some-worker", "{\"stored\":5,\"duplicate\":0,\"rejected\":0,\"refused\":0,\"dropped\":0,\"reasons\":{}}")]);
        _ledger.Find([("some-worker", 5)]);
        _ledger.Total().ShouldBe(Counts.Of(10, stored: 5, spooled: 5));

        _ledger.Forget(_ledger.TicketOf(batch));

        _ledger.Total().ShouldBe(Counts.Of(5, stored: 5));
    }

    private void Ended(LedgerColumn column, int rows, string reason) => _ledger.Move(_ledger.Receive(Batches.Of(rows)), column, reason);

    private void Drop(ulong nanos, int rows)
    {
        using var batch = Some.Batch([.. Enumerable.Repeat(new SomeRow { Nanos = nanos }, rows)]);
        _ledger.Drop(_ledger.Receive(batch), batch, "queue_full");
    }

    private void Load(Random random)
    {
        for (var i = 0; i < 3_000; i++)
        {
            using var batch = Batches.Of(random.Next(1, 9), $"worker-{random.Next(20)}");
            var ticket = _ledger.Receive(batch);
            switch (random.Next(5))
            {
                case 0:
                    _ledger.Drop(ticket, batch, "queue_full");
                    break;
                case 1:
                    _ledger.Move(ticket, LedgerColumn.Spooled, "spooled");
                    _ledger.Move(ticket, LedgerColumn.Stored);
                    break;
                case 2:
                    _ledger.NotKept(_ledger.TakeChanges([ticket]));
                    _ledger.Move(ticket, LedgerColumn.Rejected, "store");
                    break;
                case 3:
                    _ledger.RejectUnread("undecodable");
                    _ledger.Move(ticket, LedgerColumn.Refused, "queue_full");
                    break;
                default:
                    _ledger.Move(ticket, LedgerColumn.Stored);
                    break;
            }
        }
    }
}
