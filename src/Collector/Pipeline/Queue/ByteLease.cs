using Collector.Model;

namespace Collector.Pipeline.Queue;

/// <summary>
/// One request's share of the <see cref="ByteBudget"/>. First bytes are reserved for what the request is expected to
/// come to; its buffers take from the reserve, and from the budget beyond it. After <see cref="Settle"/> it holds
/// exactly what the buffers hold. One thread at a time.
/// </summary>
internal sealed class ByteLease(ByteBudget budget) : IByteAllowance
{
    private long _reserved;
    private long _used;
    private bool _settled;

    /// <summary>
    /// Reserves before anything is held; false when there was no room in time. More than the whole budget is reserved
    /// as the whole budget: such a request goes alone.
    /// </summary>
    public async ValueTask<bool> ReserveAsync(long bytes, CancellationToken cancellation)
    {
        var share = Math.Min(bytes, budget.MaxBytes);
        if (!await budget.TakeAsync(share, cancellation))
        {
            return false;
        }

        _reserved = share;
        return true;
    }

    /// <summary>No room is there for this request even when it is the only one; a retry won't help.</summary>
    public bool IsTooLargeAlone { get; private set; }

    public bool TryTake(long bytes)
    {
        var missing = _used + bytes - _reserved;
        if (missing > 0 && !budget.TryTake(missing))
        {
            IsTooLargeAlone = _used + bytes > budget.MaxBytes;
            return false;
        }

        _reserved += Math.Max(missing, 0);
        _used += bytes;
        return true;
    }

    public void GiveBack(long bytes)
    {
        _used -= bytes;
        if (_settled)
        {
            _reserved -= bytes;
            budget.Give(bytes);
        }
    }

    /// <summary>Returns what was reserved and is not used; from now on every byte given back is free at once.</summary>
    public void Settle()
    {
        if (!_settled)
        {
            _settled = true;
            budget.Give(_reserved - _used);
            _reserved = _used;
        }
    }
}
