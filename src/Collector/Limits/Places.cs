using System.Net;
using System.Threading.RateLimiting;
using Collector.Diagnostics;

namespace Collector.Limits;

/// <summary>
/// Places of one kind: so many in all, and for one address all but a tenth of them. Whoever got one gives it back by
/// disposing it.
/// </summary>
internal sealed class Places : IDisposable
{
    // Each of three listeners may wait for one place.
    private const int MaxWaiting = 16;

    private readonly ConcurrencyLimiter _all;
    private readonly PartitionedRateLimiter<IPAddress> _each;
    private readonly Refusal _full;
    private readonly Refusal _fullOfOne;
    private readonly CollectorMetrics _metrics;
    private readonly string _kind;

    /// <param name="kind">The name in the metrics.</param>
    /// <param name="what">What they are, in the plural, as callers are told.</param>
    /// <param name="setting">Says how many there are.</param>
    /// <param name="max">So many.</param>
    /// <param name="metrics">Counts who was refused, and shows how many are taken.</param>
    public Places(string kind, string what, string setting, int max, CollectorMetrics metrics)
    {
        (_kind, Max, _metrics) = (kind, max, metrics);
        (_full, _fullOfOne) = (new Refusal(what, setting, max, false), new Refusal(what, setting, max, true));
        _all = new ConcurrencyLimiter(new ConcurrencyLimiterOptions { PermitLimit = max, QueueLimit = MaxWaiting });
        _each = PartitionedRateLimiter.Create<IPAddress, IPAddress>(address => RateLimitPartition.GetConcurrencyLimiter(
            address, _ => new ConcurrencyLimiterOptions { PermitLimit = Share.Of(max) }));
        metrics.ObservePlaces(kind, max, () => Taken);
    }

    public int Max { get; }

    public long Taken => Max - (_all.GetStatistics()?.CurrentAvailablePermits ?? Max);

    /// <summary>Null, and why, where there is none; that is counted.</summary>
    public IDisposable? TryTake(IPAddress? address, out Refusal? refusal, int places = 1)
    {
        // What is more than one address may have goes alone.
        places = Math.Min(places, Share.Of(Max));
        var all = _all.AttemptAcquire(places);
        if (all.IsAcquired)
        {
            return TryShare(all, address, out refusal, places);
        }

        all.Dispose();
        refusal = Refuse(_full);
        return null;
    }

    /// <summary>Waits for a place of all, which belongs to nobody yet. For a few that wait only.</summary>
    public ValueTask<RateLimitLease> WaitAsync(CancellationToken cancellation) => _all.AcquireAsync(1, cancellation);

    /// <summary>Makes a place of all one of an address; null, and why, where that has its share. The place is then given back.</summary>
    public IDisposable? TryShare(RateLimitLease place, IPAddress? address, out Refusal? refusal, int places = 1)
    {
        var own = _each.AttemptAcquire(Share.OwnerOf(address), places);
        if (own.IsAcquired)
        {
            refusal = null;
            return new Place(place, own);
        }

        own.Dispose();
        place.Dispose();
        refusal = Refuse(_fullOfOne);
        return null;
    }

    public void Dispose()
    {
        _all.Dispose();
        _each.Dispose();
    }

    private Refusal Refuse(Refusal refusal)
    {
        _metrics.PlaceRefused(_kind, refusal.Reason);
        return refusal;
    }

    private sealed class Place(RateLimitLease all, RateLimitLease own) : IDisposable
    {
        public void Dispose()
        {
            own.Dispose();
            all.Dispose();
        }
    }
}
