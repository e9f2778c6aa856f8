using System.Net;
using System.Text.Json;
using Collector.Pipeline.Ledger;
using Collector.Tests.Support;

namespace Collector.Tests.Faults;

/// <summary>
/// What a Collector answers about what it holds, wherever it runs and whichever version it is: what an older one doesn't
/// know is not there, and no failure is thrown.
/// </summary>
internal sealed class Answers(HttpClient client, IPEndPoint web)
{
    // Of one listing; each has 1,000 rows.
    private const int MaxPages = 10_000;

    /// <summary>The status, and the document where there is one.</summary>
    public async Task<(int Status, JsonElement Json)> AskAsync(string path)
    {
        try
        {
            using var response = await client.GetAsync(new Uri($"http://{web}{path}"));
            var text = await response.Content.ReadAsStringAsync();
            return ((int)response.StatusCode, text.StartsWith('{') || text.StartsWith('[') ? Parse(text) : default);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return (0, default);
        }
    }

    public async Task<LedgerCounts?> LedgerAsync()
    {
        var (status, json) = await AskAsync("/api/ledger");
        if (status != 200)
        {
            return null;
        }

        var total = json.GetProperty("total");
        return new LedgerCounts
        {
            Received = Of("received"),
            Stored = Of("stored"),
            Duplicate = Of("duplicate"),
            Rejected = Of("rejected"),
            Refused = Of("refused"),
            Dropped = Of("dropped"),
            Spooled = Of("spooled"),
            InFlight = Of("in_flight"),
        };

        long Of(string name) => total.GetProperty(name).GetInt64();
    }

    /// <summary>Every row that the listing gives, page by page, and the gaps that it names; where it breaks off, why.</summary>
    public async Task<Listing> ListAsync()
    {
        var messages = new List<string>();
        var gaps = new List<NamedGap>();
        string? cursor = null;
        for (var page = 0; page < MaxPages; page++)
        {
            var (status, json) = await AskAsync("/api/logs?order=asc&limit=1000" + (cursor is null ? "" : $"&cursor={cursor}"));
            if (status != 200)
            {
                return new Listing(messages, gaps, $"page {page + 1} is answered {status}: {json}");
            }

            messages.AddRange(json.GetProperty("logs").EnumerateArray().Select(static row => row.GetProperty("message").GetString() ?? ""));
            gaps.AddRange(json.GetProperty("gaps").EnumerateArray().Select(NamedGap.Of));
            cursor = json.GetProperty("next_cursor") is { ValueKind: JsonValueKind.String } next ? next.GetString() : null;
            if (cursor is null)
            {
                return new Listing(messages, [.. gaps.Distinct()], null);
            }
        }

        return new Listing(messages, gaps, "it has no end");
    }

    /// <summary>Names of the segments' files that it knows.</summary>
    public async Task<IReadOnlyList<string>> SegmentsAsync() => await AskAsync("/api/storage") is (200, var json)
        ? [.. json.GetProperty("segments").EnumerateArray().Select(static segment => segment.GetProperty("name").GetString()!)]
        : [];

    /// <summary>Waits until nothing is in the spool, on its way, or to be sealed, for a bounded time; the ledger then.</summary>
    public async Task<(LedgerCounts? Ledger, bool IsSettled)> SettleAsync()
    {
        LedgerCounts? ledger = null;
        try
        {
            await Eventually.IsSoAsync(
                async () =>
                {
                    ledger = await LedgerAsync();
                    return ledger is { Spooled: 0, InFlight: 0 } && await UnsealedAsync() == 0;
                },
                () => $"{ledger}");
            return (ledger, true);
        }
        catch (InvalidOperationException)
        {
            return (ledger, false);
        }
    }

    private async Task<int> UnsealedAsync() => await AskAsync("/api/status") is (200, var json)
        ? json.GetProperty("store").GetProperty("unsealed").GetInt32()
        : -1;

    private static JsonElement Parse(string text) => JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 128 }).RootElement;
}

/// <param name="Messages">In order; what is there twice comes twice.</param>
/// <param name="Gaps">Named beside them.</param>
/// <param name="Failure">Why it could not be read to its end; else null.</param>
internal sealed record Listing(IReadOnlyList<string> Messages, IReadOnlyList<NamedGap> Gaps, string? Failure)
{
    public int Twice => Messages.Count - Messages.Distinct(StringComparer.Ordinal).Count();
}

internal sealed record NamedGap(string Worker, long Count, string Reason, string From, string To)
{
    public static NamedGap Of(JsonElement gap) => new(
        Text(gap, "worker_name"), gap.TryGetProperty("count", out var count) && count.ValueKind == JsonValueKind.Number ? count.GetInt64() : 0,
        Text(gap, "reason"), Text(gap, "from"), Text(gap, "to"));

    private static string Text(JsonElement gap, string name) =>
        gap.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
