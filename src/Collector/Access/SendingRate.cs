namespace Collector.Access;

/// <summary>
/// How much may be sent a second on average. What is there may be overdrawn by one request, since what it holds is known
/// only when it is decoded, and one larger than a second's worth could never be sent otherwise; then there is none until
/// the debt is paid. Safe for any number of threads.
/// </summary>
internal sealed class SendingRate(long perSecond, TimeProvider clock)
{
    private readonly Lock _lock = new();
    private double _left = perSecond;
    private long _since = clock.GetTimestamp();

    /// <summary>Something may be sent now.</summary>
    public bool HasRoom
    {
        get
        {
            lock (_lock)
            {
                return perSecond == 0 || Refill() > 0;
            }
        }
    }

    public void Charge(long amount)
    {
        if (perSecond == 0)
        {
            return;
        }

        lock (_lock)
        {
            _left = Refill() - amount;
        }
    }

    private double Refill()
    {
        var now = clock.GetTimestamp();
        _left = Math.Min(perSecond, _left + (clock.GetElapsedTime(_since, now).TotalSeconds * perSecond));
        _since = now;
        return _left;
    }
}
