using Collector.Model;
using Collector.Storage;

namespace Collector.Tests.Support;

internal static class AppendExtensions
{
    /// <summary>Stores batches and nothing else.</summary>
    public static AppendResult Append(this ILogAppender store, IReadOnlyList<RowBatch> batches)
    {
        var group = new AppendGroup();
        group.Batches.AddRange(batches);
        return store.Append(group);
    }
}
