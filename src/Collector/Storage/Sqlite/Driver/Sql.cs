using System.Collections.Concurrent;
using System.Reflection;

namespace Collector.Storage.Sqlite.Driver;

/// <summary>The statements of <c>schema/sqlite</c>, by the name of their file.</summary>
internal static class Sql
{
    public const string Begin = "BEGIN";
    public const string BeginImmediate = "BEGIN IMMEDIATE";
    public const string Commit = "COMMIT";
    public const string Rollback = "ROLLBACK";

    private static readonly ConcurrentDictionary<string, string> _texts = new(StringComparer.Ordinal);

    /// <summary>The files that make the tables; all may be run again on tables that are there.</summary>
    public static IReadOnlyList<string> Tables { get; } =
        All("tail_logs", "tail_resources", "segment_meta", "tail_requests", "tail_ledger", "tail_streams", "tail_gaps");

    /// <summary>What sealing adds, each in a transaction of its own; all may be run again.</summary>
    public static IReadOnlyList<string> Indexes { get; } =
        All("index_timestamp", "index_correlation", "index_worker", "index_level", "index_trace", "index_request");

    /// <summary>The text of a file; the same object each time.</summary>
    /// <exception cref="InvalidOperationException">There is no such file.</exception>
    public static string Get(string name) => _texts.GetOrAdd(name, static name =>
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"schema/sqlite/{name}.sql")
            ?? throw new InvalidOperationException($"schema/sqlite/{name}.sql is not embedded.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    });

    private static string[] All(params string[] names) => Array.ConvertAll(names, Get);
}
