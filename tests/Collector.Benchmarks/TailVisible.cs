using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using Collector.Benchmarks.Load;
using Collector.Benchmarks.Support;

namespace Collector.Benchmarks;

/// <summary>
/// From the moment a tail worker posts what it was called with, to the moment the API returns the row: one invocation at a
/// time, asked for without a pause. What Cloudflare and the network take comes on top.
/// </summary>
internal sealed class TailVisible : IBenchmark
{
    public string Name => "tail-visible";

    public string What => "time from POST /v1/tail to the row in /api/correlations (--rows 500)";

    public async Task RunAsync(Arguments arguments, Verdicts verdicts)
    {
        var count = (int)Math.Clamp(arguments.Number("--rows", 500), 10, 100_000);
        using var folder = new Folder();
        await using var collector = await CollectorRun.StartAsync(folder.Path);
        using var client = new HttpClient();
        var acknowledged = new List<double>();
        var visible = new List<double>();
        for (var i = -50; i < count; i++)
        {
            var since = Stopwatch.GetTimestamp();
            using var answer = await client.PostAsync(new Uri($"http://{collector.Http}/v1/tail"), Item(i));
            answer.EnsureSuccessStatusCode();
            var answered = Stopwatch.GetElapsedTime(since).TotalMilliseconds;
            while (await StatusAsync(client, collector, i) == HttpStatusCode.NotFound)
            {
            }

            if (i >= 0)
            {
                acknowledged.Add(answered);
                visible.Add(Stopwatch.GetElapsedTime(since).TotalMilliseconds);
            }
        }

        Verdicts.Note($"acknowledged after {Quantiles(acknowledged)}, visible after {Quantiles(visible)}, of {count}");
    }

    private static StringContent Item(int number)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        return new StringContent($$$"""
            [{"scriptName":"edge","eventTimestamp":{{{now}}},"outcome":"ok","cpuTime":2,"wallTime":9,
            "logs":[{"message":["call {{{number}}}"],"level":"log","timestamp":{{{now}}}}],
            "event":{"request":{"url":"https://a/buy","method":"POST","headers":{ "x-correlation-id":"call-{{{number}}}"} },"response":{"status":200} } }]
            """, Encoding.UTF8, "application/json");
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, CollectorRun collector, int number)
    {
        using var answer = await client.GetAsync(new Uri(collector.Web, $"api/correlations/call-{number}"));
        return answer.StatusCode;
    }

    private static string Quantiles(List<double> times)
    {
        double[] sorted = [.. times.Order()];
        return string.Create(CultureInfo.InvariantCulture, $"{Quantile.Of(sorted, 0.5):0.0} ms (p50), {Quantile.Of(sorted, 0.99):0.0} ms (p99)");
    }
}
