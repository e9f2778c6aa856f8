using System.Diagnostics;
using Collector.Benchmarks.Load;

namespace Collector.Benchmarks.Support;

/// <summary>Asks for one correlation id after the other until told to stop, at a steady pace.</summary>
internal sealed class Lookups(Uri web, Func<long> rowsThere) : IDisposable
{
    // 50 questions a second: enough for a p99 in half a minute, too few to be a load of their own.
    private static readonly TimeSpan _pace = TimeSpan.FromMilliseconds(20);

    private readonly HttpClient _client = new();
    private readonly Random _random = new(1);
    private readonly Lock _gate = new();
    private readonly List<double> _waits = [];

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var id = RequestTemplate.CorrelationOf(_random.NextInt64(Math.Max(10, rowsThere())));
            var since = Stopwatch.GetTimestamp();
            using (var answer = await _client.GetAsync(new Uri(web, $"api/correlations/{id}"), CancellationToken.None))
            {
                answer.EnsureSuccessStatusCode();
                await answer.Content.LoadIntoBufferAsync(CancellationToken.None);
            }

            lock (_gate)
            {
                _waits.Add(Stopwatch.GetElapsedTime(since).TotalMilliseconds);
            }

            await Task.Delay(_pace, TimeProvider.System, CancellationToken.None);
        }
    }

    /// <summary>The waits since the last call, sorted, in milliseconds.</summary>
    public double[] Take()
    {
        lock (_gate)
        {
            var sorted = _waits.Order().ToArray();
            _waits.Clear();
            return sorted;
        }
    }

    public void Dispose() => _client.Dispose();
}
