using System.Text;
using Collector.Pipeline.Ledger;
using Collector.Tests.Receive.Otlp;
using static Collector.Tests.Receive.TailStream.TailEvents;

namespace Collector.Tests.Receive.TailStream;

public sealed class TailEventRepeatTests
{
    public static TheoryData<byte[]> Workers { get; } =
        [Encoding.UTF8.GetBytes("edge"), [], Broken("edge"), [0], Encoding.UTF8.GetBytes(new string('\u00e9', 5_000))];

    [Theory]
    [MemberData(nameof(Workers))]
    public void A_repeat_is_in_the_account_of_the_worker_that_its_row_names(byte[] worker)
    {
        var ledger = new RowLedger();
        var happened = new Proto().Text(1, "s").Varint(2, 1).Bytes(3, worker);

        var row = Decode([happened, happened], ledger: ledger).Row;

        ledger.Read().ShouldHaveSingleItem().WorkerName.ShouldBe(row.Worker);
        ledger.Total().InFlight.ShouldBe(1);
    }
}
