using Collector.Model;

namespace Collector.Pipeline.Queue;

/// <summary>
/// One request's part of the <see cref="ByteBudget"/>. It reserves what its next bytes need, and waits for that; its buffers
/// take from the reserve, and beyond it from the budget, at once or not. After <see cref="Settle"/> it holds exactly what the
/// buffers hold. One thread at a time.
/// </summary>
internal sealed class ByteLease(ByteBudget budget) : IByteAllowance
{
    // Nearly all bodies are there already and need none.
    private CancellationTokenSource? _gaveWay;
    private long _used;
    private bool _settled;

    /// <summary>Taken from the budget, which counts it.</summary>
    public long Held { get; set; }

    /// <summary>When its sender last brought enough for a step; the budget's.</summary>
    public long SteppedAt { get; set; }

    /// <summary>The request does not fit even when it is the only one; a retry won't help.</summary>
    public bool IsTooLargeAlone { get; private set; }

    /// <summary>Its sender was too slow for what it holds, and others wait for it.</summary>
    public bool HasGivenWay => _gaveWay is { IsCancellationRequested: true };

    /// <summary>What its buffers ask for beyond a quarter of the budget is refused, since it can do with less.</summary>
    public bool StaysWithinShare { get; set; }

    /// <summary>
    /// Makes sure that its buffers can take so many bytes more; false when there was no room in time, or when it is to give
    /// way to others.
    /// </summary>
    /// <exception cref="OperationCanceledException">The caller left.</exception>
    public ValueTask<bool> ReserveAsync(long bytes, CancellationToken cancellation)
    {
        var missing = _used + bytes - Held;
        IsTooLargeAlone |= _used + bytes > budget.MostOfOne;
        return missing <= 0 ? new(true) : budget.TakeAsync(this, missing, cancellation);
    }

    /// <summary>Its sender keeps it waiting. The token is cancelled when it is to give way to others.</summary>
    public CancellationToken BeginArrival()
    {
        _gaveWay ??= new CancellationTokenSource();
        budget.BeginArrival(this);
        return _gaveWay.Token;
    }

    /// <summary>All has come.</summary>
    public void EndArrival() => budget.EndArrival(this);

    /// <summary>The budget's: others need what it holds.</summary>
    public void GiveWay() => _gaveWay!.Cancel();

    public bool TryTake(long bytes)
    {
        if (StaysWithinShare && _used + bytes > budget.Share)
        {
            return false;
        }

        var missing = _used + bytes - Held;
        if (missing > 0 && !budget.TryTake(this, missing))
        {
            IsTooLargeAlone |= _used + bytes > budget.MostOfOne;
            return false;
        }

        _used += bytes;
        return true;
    }

    public void GiveBack(long bytes)
    {
        _used -= bytes;
        if (_settled)
        {
            budget.Give(this, bytes);
        }
    }

    /// <summary>Returns what was reserved and is not used; from now on bytes that are given back are free at once.</summary>
    public void Settle()
    {
        if (!_settled)
        {
            _settled = true;
            budget.Settle(this, Held - _used);
        }
    }
}
