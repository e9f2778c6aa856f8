using Collector.Pipeline.Ledger;

namespace Collector.Tests.Support;

internal static class Counts
{
    public static LedgerCounts Of(
        long received, long stored = 0, long duplicate = 0, long rejected = 0, long refused = 0, long dropped = 0, long spooled = 0) => new()
        {
            Received = received,
            Stored = stored,
            Duplicate = duplicate,
            Rejected = rejected,
            Refused = refused,
            Dropped = dropped,
            Spooled = spooled,
            InFlight = received - stored - duplicate - rejected - refused - dropped - spooled,
        };
}
