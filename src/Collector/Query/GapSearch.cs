using Collector.Model;
using Collector.Storage;

namespace Collector.Query;

/// <summary>Finds what is missing from an answer.</summary>
internal sealed class GapSearch(ILogReader reader)
{
    /// <inheritdoc cref="ILogReader.FindGaps"/>
    public IReadOnlyList<Gap> Find(string? worker, ulong fromNanos, ulong toNanos, CancellationToken cancellation) =>
        reader.FindGaps(worker, fromNanos, toNanos, cancellation);

    /// <summary>The gaps of some workers.</summary>
    public IReadOnlyList<Gap> Find(
        IReadOnlySet<string> workers, ulong fromNanos, ulong toNanos, CancellationToken cancellation)
    {
        var only = workers.Count == 1 ? workers.First() : null;
        return [.. Find(only, fromNanos, toNanos, cancellation).Where(gap => workers.Any(gap.Concerns))];
    }
}

/// <summary>A gap as answers show it.</summary>
internal sealed record GapResponse(string WorkerName, string From, string To, long Count, string Reason)
{
    public static IReadOnlyList<GapResponse> Of(IReadOnlyList<Gap> gaps) => [.. gaps.Select(static gap =>
        new GapResponse(gap.WorkerName, Timestamps.ToText(gap.FromNanos), Timestamps.ToText(gap.ToNanos), gap.Count, gap.Reason))];
}
