using Collector.Pipeline.Queue;

namespace Collector.Tests.Support;

internal static class Budgets
{
    /// <summary>Others take so many bytes, none more than its share; giving back is up to the test.</summary>
    public static List<ByteLease> Fill(this ByteBudget budget, long bytes)
    {
        var others = new List<ByteLease>();
        for (var left = bytes; left > 0; left -= budget.Share)
        {
            others.Add(new ByteLease(budget));
            others[^1].TryTake(Math.Min(left, budget.Share)).ShouldBeTrue();
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
