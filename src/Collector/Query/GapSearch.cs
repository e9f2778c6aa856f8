using System.Text.Json;
using Collector.Model;
using Collector.Pipeline.Ledger;
using Collector.Storage;

namespace Collector.Query;

/// <summary>
/// What is missing from an answer. The store is asked only where the ledger knows of any loss, since a marker is written
/// with the account that says so; on a good day it costs nothing.
/// </summary>
internal sealed class GapSearch(ILogReader reader, RowLedger ledger)
{
    /// <inheritdoc cref="ILogReader.FindGaps"/>
    public IReadOnlyList<Gap> Find(string? worker, ulong fromNanos, ulong toNanos, CancellationToken cancellation) =>
        ledger.Total().Dropped == 0 ? [] : reader.FindGaps(worker, fromNanos, toNanos, cancellation);

    /// <summary>Those of some workers.</summary>
    public IReadOnlyList<Gap> Find(
        IReadOnlySet<string> workers, ulong fromNanos, ulong toNanos, CancellationToken cancellation)
    {
        var only = workers.Count == 1 ? workers.First() : null;
        return [.. Find(only, fromNanos, toNanos, cancellation).Where(gap => workers.Contains(gap.WorkerName))];
    }

    public static void Write(Utf8JsonWriter json, IReadOnlyList<Gap> gaps)
    {
        json.WriteStartArray("gaps");
        foreach (var gap in gaps)
        {
            json.WriteStartObject();
            json.WriteString("worker_name", gap.WorkerName);
            json.WriteString("from", Timestamps.ToText(gap.FromNanos));
            json.WriteString("to", Timestamps.ToText(gap.ToNanos));
            json.WriteNumber("count", gap.Count);
            json.WriteString("reason", gap.Reason);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
