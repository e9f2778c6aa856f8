using System.Text.Json;
using Collector.Pipeline.Ledger;

namespace Collector.Query;

/// <summary><c>GET /api/ledger</c>: where every received row went, in total and by producer.</summary>
internal sealed class LedgerEndpoint(RowLedger ledger)
{
    public async Task HandleAsync(HttpContext context)
    {
        var accounts = ledger.Read();
        var total = accounts.Aggregate(default(LedgerCounts), (sum, account) => sum + account.Counts);
        context.Response.ContentType = "application/json";
        using (var json = new Utf8JsonWriter(context.Response.BodyWriter, RowJson.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteStartObject("total");
            WriteCounts(json, total);
            json.WriteEndObject();
            json.WriteStartArray("producers");
            foreach (var account in accounts)
            {
                WriteAccount(json, account);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    private static void WriteAccount(Utf8JsonWriter json, ProducerAccount account)
    {
        json.WriteStartObject();
        json.WriteString("worker_name", account.WorkerName);
        WriteCounts(json, account.Counts);
        json.WriteStartObject("reasons");
        foreach (var (reason, count) in account.Reasons)
        {
            json.WriteNumber(reason, count);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteCounts(Utf8JsonWriter json, LedgerCounts counts)
    {
        json.WriteNumber("received", counts.Received);
        json.WriteNumber("stored", counts.Stored);
        json.WriteNumber("duplicate", counts.Duplicate);
        json.WriteNumber("rejected", counts.Rejected);
        json.WriteNumber("refused", counts.Refused);
        json.WriteNumber("dropped", counts.Dropped);
        json.WriteNumber("spooled", counts.Spooled);
        json.WriteNumber("in_flight", counts.InFlight);
    }
}
