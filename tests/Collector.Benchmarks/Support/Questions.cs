using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using Collector.Benchmarks.Load;

namespace Collector.Benchmarks.Support;

/// <summary>Questions about a <see cref="StoredWeek"/>, one of each address of the API, and how long their answers take.</summary>
internal sealed class Questions(Uri web, long rows) : IDisposable
{
    // Behind '#', which no server sees, stands what to do with the answer.
    private const string AsLines = "#ndjson";
    private const string UntilLive = "#live";

    private readonly HttpClient _client = new();
    private readonly Random _random = new(1);

    /// <summary>By the name that the table shows.</summary>
    public IReadOnlyList<(string Name, Func<string> Target)> All =>
    [
        ("logs, newest 100", () => "api/logs"),
        ("logs, worker and level", () => $"api/logs?worker=service-{_random.Next(8)}&level=error"),
        ("logs, an hour, oldest first", () => $"api/logs?from={_random.Next(2, 160)}h&order=asc"),
        ("logs, kind and outcome", () => "api/logs?kind=request&outcome=ok"),
        ("logs, a rare kind", () => "api/logs?kind=exception"),
        ("logs, wall_time_ms>=390", () => "api/logs?wall_time_ms>=390"),
        ("logs, attr.order.total=129.90", () => "api/logs?attr.order.total=129.90"),
        ("logs, q of a frequent word", () => "api/logs?q=warehouse"),
        ("logs, 1,000 rows", () => "api/logs?limit=1000"),
        ("logs as JSON lines, 10,000 rows", () => "api/logs?limit=10000" + AsLines),
        ("histogram, 7 days", () => "api/logs/histogram?from=7d"),
        ("histogram, an hour of one correlation", () => $"api/logs/histogram?from=7d&correlation_id={RequestTemplate.CorrelationOf(_random.NextInt64(rows))}"),
        ("correlations/{id}, 10 rows", () => $"api/correlations/{RequestTemplate.CorrelationOf(_random.NextInt64(rows))}"),
        ("correlations/{id}, 10,000 spans", () => $"api/correlations/{StoredWeek.LargeTrace}"),
        ("metrics, 7 days", () => "api/metrics?from=7d"),
        ("metrics, 7 days by the hour", () => "api/metrics?from=7d&step=1h"),
        ("metrics, an hour by the minute, one worker", () => "api/metrics?from=1h&step=1m&worker=service-3"),
        ("workers", () => "api/workers"),
        ("live, to the end of a snapshot of 100", () => "api/live?limit=100" + UntilLive),
        ("ledger", () => "api/ledger"),
        ("status", () => "api/status"),
        ("storage", () => "api/storage"),
        ("/metrics", () => "metrics"),
        ("openapi/v1.json", () => "openapi/v1.json"),
    ];

    /// <summary>Asks one after the other. The first answers are not counted.</summary>
    public async Task<Waits> AskAsync(Func<string> target, int times)
    {
        var waits = new List<double>(times);
        var refused = 0;
        for (var i = -3; i < times; i++)
        {
            try
            {
                var wait = await AskAsync(target());
                if (i >= 0)
                {
                    waits.Add(wait);
                }
            }
            catch (HttpRequestException e) when (e.StatusCode == HttpStatusCode.ServiceUnavailable || e.InnerException is IOException)
            {
                // The other is how lines that have begun say that they take too long.
                refused += i >= 0 ? 1 : 0;
            }
        }

        return new Waits([.. waits.Order()], refused);
    }

    /// <summary>Milliseconds to the last byte of the answer, or to the end of its snapshot where it has no end.</summary>
    /// <exception cref="HttpRequestException">It is an error.</exception>
    public async Task<double> AskAsync(string target)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(web, target));
        if (target.EndsWith(AsLines, StringComparison.Ordinal))
        {
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/x-ndjson"));
        }

        var since = Stopwatch.GetTimestamp();
        using var answer = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        answer.EnsureSuccessStatusCode();
        if (target.EndsWith(UntilLive, StringComparison.Ordinal))
        {
            await ReadToLiveAsync(answer);
        }
        else
        {
            await answer.Content.CopyToAsync(Stream.Null);
        }

        return Stopwatch.GetElapsedTime(since).TotalMilliseconds;
    }

    public void Dispose() => _client.Dispose();

    private static async Task ReadToLiveAsync(HttpResponseMessage answer)
    {
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync());
        while (await lines.ReadLineAsync() is { } line)
        {
            if (line == "event: live")
            {
                return;
            }
        }

        throw new InvalidOperationException("The stream ended before its snapshot did.");
    }
}

/// <param name="Sorted">Of those that were answered, in milliseconds.</param>
/// <param name="Refused">Questions that were told to come again, or whose answer was broken off.</param>
internal readonly record struct Waits(double[] Sorted, int Refused)
{
    public double P50 => Of(0.5);

    public double P99 => Of(0.99);

    /// <summary>Endless where none was answered, so that no bar is met by refusing.</summary>
    public double Of(double share) => Sorted.Length == 0 ? double.PositiveInfinity : Quantile.Of(Sorted, share);
}
