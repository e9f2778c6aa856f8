using Collector.Model;

namespace Collector.Pipeline.Queue;

/// <summary>
/// One request's share of the <see cref="ByteBudget"/>. It first reserves the bytes that the request is expected to
/// need; the request's buffers take from the reserve, and beyond it from the budget. After <see cref="Settle"/> it holds
/// exactly what the buffers hold. One thread at a time.
/// </summary>
internal sealed class ByteLease(ByteBudget budget) : IByteAllowance
{
    private long _reserved;
    private long _used;
    private bool _settled;

    /// <summary>
    /// Reserves before anything is held; false when there was no room in time. A request that asks for more than the
    /// whole budget reserves the whole budget, and is then alone.
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

    /// <summary>The request does not fit even when it is the only one; a retry won't help.</summary>
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

    /// <summary>Returns what was reserved and is not used; from now on bytes that are given back are free at once.</summary>
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
