using System.Text.Json.Serialization;
using Collector.Model;
using Collector.Pipeline.Ledger;

namespace Collector.Query;

/// <summary>
/// <c>GET /api/ledger</c>: where every received row went, in total and by producer, and which requests were turned away
/// before any row of them was known.
/// </summary>
internal static class LedgerEndpoint
{
    public static RequestDelegate Create(RowLedger ledger, DoorLedger door) => ApiEndpoint.Create(() =>
    {
        var accounts = ledger.Read();
        var total = accounts.Aggregate(default(LedgerCounts), static (sum, account) => sum + account.Counts);
        return new LedgerResponse(new LedgerFigures { Counts = total }, [.. accounts.Select(static account => new ProducerFigures
        {
            WorkerName = account.WorkerName,
            Counts = account.Counts,
            Reasons = account.Reasons,
        })], DoorOf(door));
    });

    private static DoorResponse DoorOf(DoorLedger door) => new(
        door.Totals().Sum(static one => one.Value),
        door.Totals().ToDictionary(static one => one.Key.Label(), static one => one.Value),
        [.. door.Read().Select(static line => new DoorSender(
            line.Sender?.ToString(), line.Reason.Label(), line.Requests, Timestamps.ToText(Timestamps.ToNanos(line.LastSeen)), line.What, line.Reason.Remedy()))]);
}

internal sealed record LedgerResponse(LedgerFigures Total, IReadOnlyList<ProducerFigures> Producers, DoorResponse Door);

internal sealed record DoorResponse(long Requests, IReadOnlyDictionary<string, long> Reasons, IReadOnlyList<DoorSender> Senders);

internal sealed record DoorSender(string? Address, string Reason, long Requests, string LastSeen, string What, string Remedy);

/// <summary><see cref="LedgerCounts"/> as answers show them.</summary>
internal class LedgerFigures
{
    internal LedgerCounts Counts { get; init; }

    public long Received => Counts.Received;

    public long Stored => Counts.Stored;

    public long Duplicate => Counts.Duplicate;

    public long Rejected => Counts.Rejected;

    public long Refused => Counts.Refused;

    public long Dropped => Counts.Dropped;

    public long Spooled => Counts.Spooled;

    public long InFlight => Counts.InFlight;

    public long Recovered => Counts.Recovered;
}

internal sealed class ProducerFigures : LedgerFigures
{
    [JsonPropertyOrder(-1)]
    public required string WorkerName { get; init; }

    [JsonPropertyOrder(1)]
    public required IReadOnlyDictionary<string, long> Reasons { get; init; }
}
