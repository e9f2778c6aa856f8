using Collector.Model;

namespace Collector.Pipeline.Ledger;

/// <summary>Markers of losses that the store has not kept yet; guarded by the ledger's lock.</summary>
internal sealed class LedgerGaps
{
    private const int Max = 1000;

    private readonly Dictionary<(string Worker, string Reason), Gap> _waiting = [];

    // In the transaction that is under way; one at a time.
    private readonly List<Gap> _underWay = [];

    /// <summary>They changed since the last time that they were kept beside the store.</summary>
    public bool HaveChanged { get; set; }

    /// <summary>All of them, also those of the transaction that is under way.</summary>
    public IReadOnlyList<Gap> All => [.. _underWay, .. _waiting.Values];

    // One marker for each producer and reason until the next commit: a storm of losses must not become a flood of markers.
    public void Add(Gap gap)
    {
        var key = (gap.WorkerName, gap.Reason);
        if (_waiting.TryGetValue(key, out var before))
        {
            gap = gap with
            {
                FromNanos = Math.Min(before.FromNanos, gap.FromNanos),
                ToNanos = Math.Max(before.ToNanos, gap.ToNanos),
                Count = before.Count + gap.Count,
            };
        }
        else if (_waiting.Count >= Max)
        {
            return; // The accounts still have the count; 1,000 producers with markers say enough.
        }

        HaveChanged = true;
        _waiting[key] = gap;
    }

    /// <summary>Gives them to a transaction; <see cref="Kept"/> or <see cref="NotKept"/> must be told how it ended.</summary>
    public Gap[] Take()
    {
        Gap[] gaps = [.. _waiting.Values];
        _underWay.AddRange(gaps);
        _waiting.Clear();
        return gaps;
    }

    public void Kept()
    {
        HaveChanged |= _underWay.Count > 0;
        _underWay.Clear();
    }

    public void NotKept(IReadOnlyList<Gap> gaps)
    {
        _underWay.Clear();
        foreach (var gap in gaps)
        {
            Add(gap);
        }
    }
}
