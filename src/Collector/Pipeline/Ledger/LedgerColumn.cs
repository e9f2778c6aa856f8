namespace Collector.Pipeline.Ledger;

/// <summary>Where a received row is. It is in exactly one of these at every moment.</summary>
internal enum LedgerColumn
{
    /// <summary>Between its arrival and its fate.</summary>
    InFlight,

    /// <summary>On disk, in the store.</summary>
    Stored,

    /// <summary>A repeat of a request that is stored: acknowledged, and kept once.</summary>
    Duplicate,

    /// <summary>Refused for good; a retry won't help.</summary>
    Rejected,

    /// <summary>Not kept; its producer was told to retry.</summary>
    Refused,

    /// <summary>Lost: acknowledged before, or nobody was left to tell.</summary>
    Dropped,

    /// <summary>On disk, in the spool, on its way to the store.</summary>
    Spooled,
}
