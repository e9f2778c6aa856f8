using Collector.Storage.Sqlite.Driver;
using Collector.Tests.Support;

namespace Collector.Tests.EndToEnd;

public sealed class PoisonTests
{
    private const int InvalidArgument = 3;

    [Fact]
    public async Task A_poisoned_row_among_good_requests_of_strangers_fails_alone()
    {
        await using var collector = await CollectorProcess.StartAsync("--Batch:AckLinger=00:00:00.050");
        PoisonTheTable(collector.Folder);
        using var wire = new Wire();

        // Together in one group: the linger is long enough for all of them to arrive.
        var replies = await Task.WhenAll(Enumerable.Range(0, 20).Select(number =>
        {
            var message = number == 7 ? "poison" : $"good {number}";
            var body = OtlpMessage.Logs($"stranger-{number}", OtlpMessage.Record(Batches.Noon + (ulong)number, message));
            return wire.GrpcAsync(collector.Grpc, Wire.LogsMethod, Wire.Frame(body));
        }));

        replies[7].Status.ShouldBe(InvalidArgument, replies[7].Message);
        replies[7].Message.ShouldNotBeNull().ShouldContain("poisoned by the test");
        replies.Where((_, number) => number != 7).ShouldAllBe(reply => reply.Status == 0);
        (await collector.LedgerAsync()).ShouldBe(Counts.Of(20, stored: 19, rejected: 1));
        (await collector.GetJsonAsync("/api/logs?limit=100")).GetProperty("logs").GetArrayLength().ShouldBe(19);
    }

    // A constraint that no producer's row could break: the table's own are checked before a row gets there.
    private static void PoisonTheTable(string folder)
    {
        using var connection = Connections.OpenExistingWriter(Directory.GetFiles(folder, "segment-*.db").Single());
        connection.Execute("""
            CREATE TRIGGER poison BEFORE INSERT ON tail_logs WHEN new.message = 'poison'
            BEGIN SELECT RAISE(ABORT, 'poisoned by the test'); END
            """);
    }
}
