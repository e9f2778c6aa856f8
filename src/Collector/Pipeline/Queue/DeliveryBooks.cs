using Collector.Model;
using Collector.Pipeline.Ledger;
using Collector.Pipeline.Streams;

namespace Collector.Pipeline.Queue;

/// <summary>What every <see cref="Delivery"/> is entered in. One for the process; safe for any number of threads.</summary>
internal sealed class DeliveryBooks(RowLedger ledger, DedupWindow repeats, StreamTracker streams, TimeProvider clock)
{
    public RowLedger Ledger => ledger;

    public DedupWindow Repeats => repeats;

    public StreamTracker Streams => streams;

    public TimeProvider Clock => clock;

    public LogIdSequence Ids { get; } = new();
}
