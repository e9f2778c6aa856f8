using System.Collections.Concurrent;
using System.Diagnostics;
using Collector.Tests.Support;

namespace Collector.Tests.EndToEnd;

/// <summary>Producers that send one request after another for as long as they are let to, and note what they were told.</summary>
internal sealed class Overload(CollectorProcess collector, int producers, int padding = 0)
{
    private const int NumbersEach = 1_000_000;

    private readonly ConcurrentQueue<(int Phase, double Ms)> _times = new();
    private int _phase;
    private int _count;

    /// <summary>Numbers of acknowledged requests.</summary>
    public ConcurrentBag<int> Acknowledged { get; } = [];

    /// <summary>Requests that were answered UNAVAILABLE with RetryInfo.</summary>
    public int Refused => _refused;

    private int _refused;

    /// <summary>Answers that were neither.</summary>
    public ConcurrentBag<string> Others { get; } = [];

    /// <summary>Requests answered so far.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Times are kept by phase: before, during, after.</summary>
    public void NextPhase() => Interlocked.Increment(ref _phase);

    public Task RunAsync(Func<int, bool> goesOn) =>
        Task.WhenAll(Enumerable.Range(0, producers).Select(producer => Task.Run(() => SendAsync(producer, goesOn))));

    public string Times(int phase)
    {
        var times = _times.Where(time => time.Phase == phase).Select(time => time.Ms).Order().ToArray();
        return times.Length == 0 ? "nothing" : $"{times.Length} answers, p50 {times[times.Length / 2]:0.0} ms, p99 {times[times.Length * 99 / 100]:0.0} ms, max {times[^1]:0.0} ms";
    }

    /// <summary>Everything acknowledged is there once and the ledger says the same as the producers.</summary>
    public async Task ShouldBeCleanAsync()
    {
        Others.ShouldBeEmpty();
        var total = await collector.SettledAsync();
        total.ShouldBe(Counts.Of(Count, stored: Acknowledged.Count, refused: Refused), collector.Log);
        using var producer = new Producer();
        // Sorted: a comparison that ignores order takes minutes for so many.
        (await collector.MessagesAsync("producer")).Order(StringComparer.Ordinal)
            .ShouldBe(Acknowledged.SelectMany(producer.Messages).Order(StringComparer.Ordinal));
    }

    private async Task SendAsync(int producer, Func<int, bool> goesOn)
    {
        using var line = new Producer();
        var bound = new LoopBound(TimeSpan.FromMinutes(5));
        for (var i = 0; goesOn(i) && bound.Holds(); i++)
        {
            var phase = Volatile.Read(ref _phase);
            var started = Stopwatch.GetTimestamp();
            var number = (producer * NumbersEach) + i;
            var reply = await line.SendAsync(collector, number, padding);
            _times.Enqueue((phase, Stopwatch.GetElapsedTime(started).TotalMilliseconds));
            Note(number, reply);
        }
    }

    private void Note(int number, GrpcReply? reply)
    {
        Interlocked.Increment(ref _count);
        if (reply is { Status: 0 })
        {
            Acknowledged.Add(number);
        }
        else if (reply is not null && Producer.SaysRetry(reply))
        {
            Interlocked.Increment(ref _refused);
        }
        else
        {
            Others.Add($"{reply?.Status}: {reply?.Message}");
        }
    }
}
