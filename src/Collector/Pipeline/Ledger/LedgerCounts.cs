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

    /// <summary>
    /// Of the refused rows, those of requests that came again and were kept: what is refused and not recovered is lost, unless
    /// its producer still tries. Not part of the balance, in which each attempt is received and ends.
    /// </summary>
    public long Recovered { get; set; }

    /// <summary>Rows that are nowhere on their way.</summary>
    public readonly long Ended => Stored + Duplicate + Rejected + Refused + Dropped;

    public readonly bool IsBalanced => Received == Ended + Spooled + InFlight;

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
        Recovered = a.Recovered + b.Recovered,
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
