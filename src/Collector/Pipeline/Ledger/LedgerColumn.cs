namespace Collector.Pipeline.Ledger;

/// <summary>Where a received row is. It is in exactly one of these at every moment.</summary>
internal enum LedgerColumn
{
    /// <summary>Received, and not yet in any other column.</summary>
    InFlight,

    /// <summary>On disk, in the store.</summary>
    Stored,

    /// <summary>A repeat of a request that is stored: acknowledged, and kept once.</summary>
    Duplicate,

    /// <summary>Refused for good; a retry won't help.</summary>
    Rejected,

    /// <summary>Not kept; its producer was told to retry.</summary>
    Refused,

    /// <summary>Lost: its producer was told OK before, or had left.</summary>
    Dropped,

    /// <summary>On disk, in the spool, on its way to the store.</summary>
    Spooled,
}
