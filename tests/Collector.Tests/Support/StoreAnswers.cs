using Collector.Storage;

namespace Collector.Tests.Support;

/// <summary>Questions to a store, answered as lists.</summary>
internal static class StoreAnswers
{
    public static List<ReadRow> Ask(this ILogReader store, LogQuery query) => store.Ask(query, out _);

    public static List<ReadRow> Ask(this ILogReader store, LogQuery query, out PageEnd end)
    {
        var sink = new CollectingSink();
        end = store.Find(query, sink, CancellationToken.None);
        return sink.Rows;
    }

    public static List<string?> Messages(this ILogReader store, LogQuery query) =>
        [.. store.Ask(query).Select(static r => r.Message)];

    public static List<string?> ClosureMessages(this ILogReader store, string id, int limit = 10_000) =>
        [.. store.Closure(id, out _, limit).Select(static r => r.Message)];

    public static List<ReadRow> Closure(this ILogReader store, string id, out bool more, int limit = 10_000)
    {
        var sink = new CollectingSink();
        more = store.FindCorrelation(id, limit, sink, CancellationToken.None);
        return sink.Rows;
    }
}
