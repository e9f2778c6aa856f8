namespace Collector.Pipeline.Ledger;

/// <summary>
/// Rows by where they are. Always: <see cref="Received"/> = the sum of the others. Received is counted on its own, so that
/// a row that went two ways, or none, shows.
/// </summary>
internal record struct LedgerCounts
{
    /// <summary>Rows decoded, and one for each request that could not be.</summary>
    public long Received { get; set; }

    public long Stored { get; set; }

    public long Duplicate { get; set; }

    public long Rejected { get; set; }

    public long Refused { get; set; }

    public long Dropped { get; set; }

    public long Spooled { get; set; }

    public long InFlight { get; set; }

    public readonly bool IsBalanced =>
        Received == Stored + Duplicate + Rejected + Refused + Dropped + Spooled + InFlight;

    public static LedgerCounts operator +(LedgerCounts a, LedgerCounts b) => new()
    {
        Received = a.Received + b.Received,
        Stored = a.Stored + b.Stored,
        Duplicate = a.Duplicate + b.Duplicate,
        Rejected = a.Rejected + b.Rejected,
        Refused = a.Refused + b.Refused,
        Dropped = a.Dropped + b.Dropped,
        Spooled = a.Spooled + b.Spooled,
        InFlight = a.InFlight + b.InFlight,
    };

    internal void Add(LedgerColumn column, long rows)
    {
        switch (column)
        {
            case LedgerColumn.Stored: Stored += rows; break;
            case LedgerColumn.Duplicate: Duplicate += rows; break;
            case LedgerColumn.Rejected: Rejected += rows; break;
            case LedgerColumn.Refused: Refused += rows; break;
            case LedgerColumn.Dropped: Dropped += rows; break;
            case LedgerColumn.Spooled: Spooled += rows; break;
            default: InFlight += rows; break;
        }
    }
}
