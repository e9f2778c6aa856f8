using Collector.Model;

namespace Collector.Pipeline;

/// <summary>
/// One request's share of the <see cref="ByteBudget"/>. First bytes are reserved for what the request is expected to
/// come to; its buffers take from the reserve, and from the budget beyond it. After <see cref="Settle"/> it holds
/// exactly what the buffers hold. One thread at a time.
/// <para>
/// A request that is expected to come to a large part of the budget gets little at first and more as its bytes come, one
/// such request after the other: what is declared and does not come must not keep others out.
/// </para>
/// </summary>
public sealed class ByteLease(ByteBudget budget) : IByteAllowance
{
    // Of the budget: a larger share is large, and this is what it starts with.
    private const int LargeShare = 8;
    private const int FirstShare = 64;

    // Each step; what has come is copied at each, and at most this much is held for each byte of it.
    private const int Growth = 4;

    private LargeTurn? _turn;
    private long _expected;
    private long _reserved;
    private long _used;
    private bool _settled;

    /// <summary>
    /// Reserves before anything is held; false when there was no room in time. More than the whole budget is expected as
    /// the whole budget.
    /// </summary>
    public async ValueTask<bool> ReserveAsync(long bytes, CancellationToken cancellation)
    {
        _expected = Math.Min(bytes, budget.MaxBytes);
        var share = _expected;
        if (share > budget.MaxBytes / LargeShare)
        {
            _turn = await budget.TakeTurnAsync(cancellation);
            share = budget.MaxBytes / FirstShare;
        }

        if ((_turn is null && share < _expected) || !await budget.TakeAsync(share, cancellation))
        {
            return false;
        }

        _reserved = share;
        return true;
    }

    /// <summary>What a buffer for a message of this length may start with.</summary>
    public int FirstRoom(int length) => (int)Math.Min(length, _reserved / 2);

    /// <summary>
    /// Before bytes are appended that have come: has the buffer grow by a step if it must, waiting for memory where that is
    /// allowed. Where there is none, the buffer will be refused.
    /// </summary>
    /// <param name="buffer">Takes from this lease.</param>
    /// <param name="bytes">That have come.</param>
    /// <param name="length">The whole message's.</param>
    /// <param name="cancellation">The caller has left.</param>
    public async ValueTask MakeRoomAsync(ByteBuffer buffer, long bytes, long length, CancellationToken cancellation)
    {
        var needed = buffer.Length + bytes;
        if (_turn is null || needed <= buffer.Held)
        {
            return;
        }

        var wanted = Math.Max(needed, Math.Min(length, buffer.Held * Growth));
        await ReserveMoreAsync(_used + wanted - buffer.Held - _reserved, cancellation);
        if (_used + wanted - buffer.Held <= _reserved)
        {
            _ = buffer.GetSpan((int)(wanted - buffer.Length));
        }
    }

    /// <summary>
    /// When a large message is complete: waits for the memory of its rows. Without it, they may still fit.
    /// </summary>
    public ValueTask ReserveRestAsync() =>
        _turn is null ? ValueTask.CompletedTask : ReserveMoreAsync(_expected - _reserved, CancellationToken.None);

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
            _turn?.Dispose();
            budget.Give(_reserved - _used);
            _reserved = _used;
        }
    }

    private async ValueTask ReserveMoreAsync(long bytes, CancellationToken cancellation)
    {
        if (bytes > 0 && (budget.TryTake(bytes) || (MayWaitFor(bytes) && await budget.TakeAsync(bytes, cancellation))))
        {
            _reserved += bytes;
        }
    }

    private bool MayWaitFor(long bytes) => !_turn!.IsOver && _reserved + bytes <= budget.MaxBytes;
}
