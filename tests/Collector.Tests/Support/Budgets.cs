using Collector.Pipeline.Queue;

namespace Collector.Tests.Support;

internal static class Budgets
{
    /// <summary>Others take so many bytes, none more than its share, and the last eighth in small parts; giving back is up to the test.</summary>
    public static List<ByteLease> Fill(this ByteBudget budget, long bytes)
    {
        var others = new List<ByteLease>();
        for (var left = bytes; left > 0; left -= others[^1].Held)
        {
            others.Add(new ByteLease(budget));
            var share = Math.Min(left, Math.Min(budget.Share, budget.MostOfOne - budget.Used));
            others[^1].TryTake(share > 0 ? share : Math.Min(left, budget.MaxBytes / 64)).ShouldBeTrue();
        }

        return others;
    }

    /// <summary>They let go.</summary>
    public static void Free(this IEnumerable<ByteLease> leases)
    {
        foreach (var lease in leases)
        {
            lease.Settle();
            lease.GiveBack(lease.Held);
        }
    }
}
