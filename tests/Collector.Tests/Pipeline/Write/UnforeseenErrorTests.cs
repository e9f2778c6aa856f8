using Collector.Pipeline.Ledger;
using Collector.Storage;
using Collector.Tests.Support;

namespace Collector.Tests.Pipeline.Write;

/// <summary>An exception that nobody foresaw, from the store through writer and spool: real threads and real pauses.</summary>
public sealed class UnforeseenErrorTests : IDisposable
{
    private readonly TemporaryFolder _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public async Task A_request_that_breaks_the_stores_code_is_acknowledged_then_set_aside_and_holds_up_nobody()
    {
        var store = new RuledStore(static batches => batches.Any(static batch => batch.Count == 13)
            ? throw new InvalidOperationException("a bug")
            : AppendResult.Committed);
        await using var pipes = new Pipes(store, _temporary.File("spool"));

        (await pipes.SendAsync(13, rows: 13)).Status.ShouldBe(IngestStatus.Spooled);
        (await pipes.SendAsync(8, rows: 8)).Status.ShouldBeOneOf(IngestStatus.Stored, IngestStatus.Spooled);
        await pipes.UntilAsync(static total => total is { Spooled: 0, InFlight: 0 });

        store.Taken.ShouldBe([8]);
        pipes.Total.ShouldBe(Counts.Of(21, stored: 8, dropped: 13));
        pipes.Ledger.Read().Sum(static account => account.Reasons.GetValueOrDefault("poisoned")).ShouldBe(13);
    }
}
