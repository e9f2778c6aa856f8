namespace Collector.Pipeline;

/// <summary>
/// Held by the one large request at a time that may wait for memory while it holds some. It ends by itself: who is slow to
/// bring its bytes holds up the next only so long, and may go on, but only ask.
/// </summary>
public sealed class LargeTurn : IDisposable
{
    private readonly ByteBudget _turns;
    private readonly ITimer _timer;
    private int _isOver;

    /// <param name="turns">Given the place back, which was taken from it.</param>
    /// <param name="longest">After this the turn is over.</param>
    /// <param name="clock">Times that.</param>
    internal LargeTurn(ByteBudget turns, TimeSpan longest, TimeProvider clock)
    {
        _turns = turns;
        _timer = clock.CreateTimer(static turn => ((LargeTurn)turn!).End(), this, longest, Timeout.InfiniteTimeSpan);
    }

    public bool IsOver => Volatile.Read(ref _isOver) != 0;

    public void Dispose()
    {
        _timer.Dispose();
        End();
    }

    private void End()
    {
        if (Interlocked.Exchange(ref _isOver, 1) == 0)
        {
            _turns.Give(1);
        }
    }
}
