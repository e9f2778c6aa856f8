using System.Globalization;
using System.Text.Json;

namespace Collector.Commands;

/// <summary>The answers of <c>/api/status</c>, <c>/api/ledger</c> and <c>/api/workers</c> for a person.</summary>
internal sealed class StatsText(TextWriter text)
{
    private static readonly string[] _counts =
        ["received", "stored", "duplicate", "rejected", "refused", "recovered", "dropped", "spooled", "in_flight"];

    private static readonly string[] _rates =
        ["worker_name", "count", "error_count", "error_rate", "records_per_second", "p95_ms", "last_seen"];

    public void Print(JsonElement status, JsonElement ledger, JsonElement? workers)
    {
        PrintStatus(status);
        text.WriteLine();
        text.WriteLine("Ledger (rows since the beginning)");
        PrintTable(["worker_name", .. _counts], ledger.Items("producers")
            .Select(static producer => Cells(producer, ["worker_name", .. _counts]))
            .Append(["total", .. _counts.Select(name => (object?)(ledger.Find("total")?.Count(name) ?? 0))]));
        if (workers is { } active)
        {
            PrintWorkers(active);
        }
    }

    private void PrintWorkers(JsonElement workers)
    {
        text.WriteLine();
        text.WriteLine(VisibleText.Of($"Workers ({workers.Text("from")} to {workers.Text("to")})"));
        PrintTable(_rates, workers.Items("workers").Select(static worker => Cells(worker, _rates)));
        if (workers.Find("next_cursor") is { ValueKind: JsonValueKind.String })
        {
            text.WriteLine("There are more, with fewer rows: /api/workers has them in pages.");
        }
    }

    private static object?[] Cells(JsonElement of, string[] names) => [.. names.Select(name => of.Find(name) switch
    {
        { ValueKind: JsonValueKind.Number } number when number.TryGetInt64(out var whole) => whole,
        { ValueKind: JsonValueKind.Number } number => Math.Round(number.GetDouble(), 3),
        { ValueKind: JsonValueKind.String } words => (object?)words.GetString(),
        _ => null,
    })];

    private void PrintStatus(JsonElement status)
    {
        var queue = status.Find("queue") ?? default;
        var waits = status.Find("acknowledgement") ?? default;
        var writer = status.Find("writer") ?? default;
        var spool = status.Find("spool") ?? default;
        var store = status.Find("store") ?? default;
        var up = TimeSpan.FromSeconds(status.Count("uptime_seconds"));
        var ready = status.IsTrue("ready") ? "ready" : "not ready";
        var alive = writer.IsTrue("alive") ? "alive" : "dead";
        var failing = writer.IsTrue("store_failing") ? $", the store fails: {writer.Text("failure")}" : "";
        var behind = spool.IsTrue("behind") ? ", behind" : "";
        Line("Collector", $"{status.Text("version")}, {ready}, up {up:c}");
        Line("Queue", $"{queue.Count("entries")} of {queue.Count("capacity")} requests, {Of(queue, "bytes", "max_bytes")}");
        Line("Acknowledged", $"{waits.Count("count")} in five minutes, p50 {Ms(waits, "p50_ms")}, p99 {Ms(waits, "p99_ms")}");
        Line("Writer", $"{alive}{failing}, {writer.Count("retries")} retries");
        Line("Spool", $"{Of(spool, "bytes", "max_bytes")}{behind}");
        Line("Store", $"{store.Count("rows")} rows, {Bytes(store, "bytes")}, {store.Count("segments")} segments");
    }

    private void Line(string name, FormattableString value) =>
        text.WriteLine(name.PadRight(14) + VisibleText.Of(value.ToString(CultureInfo.InvariantCulture)));

    private static string Ms(JsonElement of, string name) => of.Number(name) is { } value ? LogText.Duration(value) : "unknown";

    private static string Of(JsonElement of, string used, string max) => $"{Bytes(of, used)} of {Bytes(of, max)}";

    private static string Bytes(JsonElement of, string name) => ByteText.Of(of.Count(name));

    private void PrintTable(string[] columns, IEnumerable<object?[]> rows)
    {
        var table = new TableFormat(text, columns);
        foreach (var row in rows)
        {
            table.Write(row);
        }

        table.End();
    }
}
