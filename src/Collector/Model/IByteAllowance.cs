namespace Collector.Model;

/// <summary>
/// Leave to hold more memory. A buffer asks before it grows; "no" is final for the request that asked, since waiting
/// while holding memory that others wait for is how deadlocks are made.
/// </summary>
internal interface IByteAllowance
{
    /// <summary>Takes <paramref name="bytes"/> more, or takes nothing and returns false. Does not throw.</summary>
    bool TryTake(long bytes);

    /// <summary>Gives back what a buffer took and no longer holds.</summary>
    void GiveBack(long bytes);
}
