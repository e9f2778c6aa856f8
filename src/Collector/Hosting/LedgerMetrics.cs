using System.Diagnostics.Metrics;
using Collector.Pipeline.Ledger;

namespace Collector.Hosting;

/// <summary>The instruments of the ledger: where every received row is.</summary>
internal static class LedgerMetrics
{
    /// <summary>Adds them to a meter. Call it once.</summary>
    public static void Observe(Meter meter, RowLedger ledger, DoorLedger door)
    {
        // These only grow. Received is the sum of these and of the rows held, and has no counter of its own: it shrinks when
        // rows found in the spool turn out to be counted already, and a counter must not.
        meter.CreateObservableCounter(
            "collector.rows", () => Ended(ledger.Total()), "{row}", "Rows by what became of them; received is the sum of these and collector_rows_held.");
        meter.CreateObservableCounter(
            "collector.rows.recovered", () => ledger.Total().Recovered, "{row}", "Refused rows that came again and were kept; what is refused and not recovered is lost, unless its producer still tries.");
        meter.CreateObservableGauge("collector.rows.held", () => Held(ledger.Total()), "{row}", "Rows on their way: in memory, or on disk in the spool.");
        meter.CreateObservableCounter("collector.rows.reasons", () => Reasons(ledger), "{row}", "Rows that were not simply stored, by reason.");
        meter.CreateObservableCounter(
            "collector.door.requests", () => TurnedAway(door), "{request}", "Requests turned away before any row of them was known, by reason; /api/ledger says whose.");
    }

    private static Measurement<long>[] Ended(LedgerCounts total) =>
    [
        In("stored", total.Stored), In("duplicate", total.Duplicate), In("rejected", total.Rejected),
        In("refused", total.Refused), In("dropped", total.Dropped),
    ];

    private static Measurement<long>[] Held(LedgerCounts total) => [In("spooled", total.Spooled), In("in_flight", total.InFlight)];

    private static IEnumerable<Measurement<long>> Reasons(RowLedger ledger) =>
        ledger.Read().SelectMany(static account => account.Reasons).GroupBy(static reason => reason.Key, StringComparer.Ordinal)
            .Select(static reason => new Measurement<long>(
                reason.Sum(static rows => rows.Value), new KeyValuePair<string, object?>("reason", reason.Key)));

    private static IEnumerable<Measurement<long>> TurnedAway(DoorLedger door) =>
        door.Totals().Select(static one => new Measurement<long>(one.Value, new KeyValuePair<string, object?>("reason", one.Key.Label())));

    private static Measurement<long> In(string column, long rows) => new(rows, new KeyValuePair<string, object?>("column", column));
}
