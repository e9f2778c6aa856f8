using Collector.Storage;

namespace Collector.Tests.Support;

/// <summary>Questions to a store, answered as lists.</summary>
public static class StoreAnswers
{
    public static List<ReadRow> Ask(this ILogReader store, LogQuestion question) => store.Ask(question, out _);

    public static List<ReadRow> Ask(this ILogReader store, LogQuestion question, out PageEnd end)
    {
        var sink = new CollectingSink();
        end = store.Find(question, sink, CancellationToken.None);
        return sink.Rows;
    }

    public static List<string?> Messages(this ILogReader store, LogQuestion question) =>
        [.. store.Ask(question).Select(static r => r.Message)];

    public static List<string?> ClosureMessages(this ILogReader store, string id, int limit = 10_000) =>
        [.. store.Closure(id, out _, limit).Select(static r => r.Message)];

    public static List<ReadRow> Closure(this ILogReader store, string id, out bool more, int limit = 10_000)
    {
        var sink = new CollectingSink();
        more = store.FindCorrelation(id, limit, sink, CancellationToken.None);
        return sink.Rows;
    }
}
