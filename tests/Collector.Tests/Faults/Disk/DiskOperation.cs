namespace Collector.Tests.Faults.Disk;

/// <summary>What SQLite asks of a disk and a fault can meet.</summary>
internal enum DiskOperation
{
    Open,
    Read,
    Write,
    Sync,
    Truncate,
    Delete,

    /// <summary>A page of the WAL's index is mapped into memory.</summary>
    MapIndex,
}

/// <summary>What a fault does to the operation that it meets.</summary>
internal enum FaultAction
{
    /// <summary>
    /// Nothing is done and an error comes back. What a failed sync should have saved stays readable, and is gone after a loss
    /// of power.
    /// </summary>
    Fail,

    /// <summary>A write is done in part before its error comes back.</summary>
    Tear,

    /// <summary>It takes long, then is done.</summary>
    Delay,

    /// <summary>The process is killed before it is done: what was written stays.</summary>
    Kill,

    /// <summary>The process is killed in the middle of it: a write is done in part.</summary>
    KillWithin,

    /// <summary>The power is gone before it is done: what was not synced is lost, whole or in part.</summary>
    LosePower,
}
