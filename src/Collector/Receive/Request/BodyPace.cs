namespace Collector.Receive.Request;

/// <summary>
/// Ends the wait for a sender that brings less than 240 bytes a second over 5 seconds, which is what Kestrel asks for by
/// itself; gRPC's library turns that off for methods like ours. Only the time in which we wait for the sender counts: not
/// the time in which it waits for memory of ours.
/// </summary>
/// <param name="clock">Measures it.</param>
/// <param name="caller">Cancelled when the caller leaves.</param>
internal sealed class BodyPace(TimeProvider clock, CancellationToken caller) : IDisposable
{
    private const int BytesPerSecond = 240;
    private const int Bytes = BytesPerSecond * 5;

    /// <summary>How long so many bytes may take.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(5);

    private CancellationTokenSource? _timer;
    private CancellationTokenSource? _either;
    private TimeSpan _left = Window;
    private long _missing = Bytes;
    private long _since;

    public bool HasRunOut => _timer is { IsCancellationRequested: true };

    public static string Message => $"the body came too slowly: {BytesPerSecond} bytes a second over {Window.TotalSeconds:0} s are the least";

    /// <summary>The longest time for so many bytes.</summary>
    public static TimeSpan TimeOf(long bytes) => Window + TimeSpan.FromSeconds((double)bytes / BytesPerSecond);

    /// <summary>We wait for the sender from now on, until <see cref="Arrived"/>.</summary>
    /// <param name="gaveWay">Ends the wait too.</param>
    public CancellationToken Begin(CancellationToken gaveWay)
    {
        _since = clock.GetTimestamp();
        if (_timer is null)
        {
            _timer = new CancellationTokenSource(_left, clock);
            _either = CancellationTokenSource.CreateLinkedTokenSource(_timer.Token, caller, gaveWay);
        }
        else
        {
            _timer.CancelAfter(_left);
        }

        return _either!.Token;
    }

    /// <summary>It was not the sender that was slow.</summary>
    public void BeginAgain()
    {
        _either!.Dispose();
        _timer!.Dispose();
        (_timer, _either) = (null, null);
        (_missing, _left) = (Bytes, Window);
    }

    /// <summary>So many bytes more have come.</summary>
    public void Arrived(long bytes)
    {
        _timer!.CancelAfter(Timeout.InfiniteTimeSpan);
        _missing -= bytes;
        _left -= clock.GetElapsedTime(_since);
        if (_missing <= 0)
        {
            (_missing, _left) = (Bytes, Window);
        }
        else if (_left <= TimeSpan.Zero)
        {
            _left = TimeSpan.FromMilliseconds(1);
        }
    }

    public void Dispose()
    {
        _either?.Dispose();
        _timer?.Dispose();
    }
}
