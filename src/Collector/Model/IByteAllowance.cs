namespace Collector.Model;

/// <summary>
/// Permission to hold more memory. A buffer asks before it grows; a refusal is final for the buffer. Whoever can wait for
/// memory does so before (a lease's reserve).
/// </summary>
internal interface IByteAllowance
{
    /// <summary>Takes <paramref name="bytes"/> more, or takes nothing and returns false. Does not throw.</summary>
    bool TryTake(long bytes);

    /// <summary>Gives back what a buffer took and no longer holds.</summary>
    void GiveBack(long bytes);
}
