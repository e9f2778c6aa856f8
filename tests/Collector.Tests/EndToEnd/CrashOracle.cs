using System.Collections.Concurrent;
using Collector.Commands;
using Collector.Pipeline.Ledger;
using Collector.Tests.Support;

namespace Collector.Tests.EndToEnd;

/// <summary>
/// Four producers send numbered requests of a few records, one after another, and resend what was not acknowledged,
/// while the process is killed at random moments and started again; in every other round its database is locked, so that
/// the kill meets the spool.
/// </summary>
internal sealed class CrashOracle(
    string folder, int kills, int seed, int records = 3, TimeSpan? longest = null, params string[] settings) : IDisposable
{
    private const int Producers = 4;
    private const int NumbersEach = 1_000_000;

    private readonly LoopBound _bound = new(longest ?? TimeSpan.FromMinutes(10));
    private readonly Random _random = new(seed);
    private readonly ConcurrentBag<string> _acknowledged = [];
    private readonly SemaphoreSlim _acknowledgements = new(0);
    private TaskCompletionSource<CollectorProcess> _current = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isOver;
    private int _sent;
    private int _repeats;

    public async Task<CrashFigures> RunAsync()
    {
        var producers = Enumerable.Range(0, Producers).Select(number => Task.Run(() => ProduceAsync(number))).ToArray();
        for (var kill = 0; kill < kills; kill++)
        {
            var collector = await StartAsync();
            await AcknowledgedAsync(_random.Next(1, 60));
            if (kill % 2 == 1)
            {
                using var held = await DatabaseLock.TakeAsync(folder);
                await AcknowledgedAsync(_random.Next(1, 60));
                await EndAsync(collector);
            }
            else
            {
                await EndAsync(collector);
            }
        }

        var last = await StartAsync();
        await AcknowledgedAsync(50);
        _isOver = true;
        await Task.WhenAll(producers);
        var ledger = await last.SettledAsync();
        var found = await last.MessagesAsync("oracle");
        await last.DisposeAsync();
        return new CrashFigures(
            kills, _sent, [.. _acknowledged], found, _repeats, ledger);
    }

    public void Dispose() => _acknowledgements.Dispose();

    private async Task<CollectorProcess> StartAsync()
    {
        var collector = await CollectorProcess.StartOnAsync(folder, ["--Retry:BaseDelay=00:00:00.005", .. settings]);
        _current.SetResult(collector);
        return collector;
    }

    private async Task EndAsync(CollectorProcess collector)
    {
        Volatile.Write(ref _current, new TaskCompletionSource<CollectorProcess>(TaskCreationOptions.RunContinuationsAsynchronously));
        await collector.KillAsync();
        await collector.DisposeAsync();
    }

    private async Task AcknowledgedAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            (await _acknowledgements.WaitAsync(TimeSpan.FromSeconds(60))).ShouldBeTrue("nothing was acknowledged for a minute");
        }
    }

    private async Task ProduceAsync(int producer)
    {
        using var line = new Producer("oracle", records);
        for (var number = producer * NumbersEach; !_isOver && _bound.Holds(); number++)
        {
            while (await SendAsync(line, number) is not { Status: 0 } && _bound.Holds())
            {
            }

            foreach (var message in line.Messages(number))
            {
                _acknowledged.Add(message);
            }

            _acknowledgements.Release();
        }
    }

    private async Task<GrpcReply?> SendAsync(Producer line, int number)
    {
        var collector = await Volatile.Read(ref _current).Task;
        Interlocked.Increment(ref _sent);
        var reply = await line.SendAsync(collector, number);
        if (reply is { IsDuplicate: true })
        {
            Interlocked.Increment(ref _repeats);
        }

        return reply;
    }
}

/// <param name="Kills">How often the process was killed.</param>
/// <param name="Sent">Requests sent, resent ones too.</param>
/// <param name="Acknowledged">Records of acknowledged requests.</param>
/// <param name="Found">Records in the store at the end.</param>
/// <param name="Repeats">Requests that were answered as repeats.</param>
/// <param name="Ledger">The ledger at the end.</param>
internal sealed record CrashFigures(
    int Kills, int Sent, IReadOnlyList<string> Acknowledged, IReadOnlyList<string> Found, int Repeats, LedgerCounts Ledger)
{
    public int Missing => Acknowledged.Except(Found).Count();

    public int Doubled => Found.Count - Found.Distinct().Count();

    public override string ToString() =>
        $"{Kills} kills, {Sent} requests sent, {Acknowledged.Count} records acknowledged, {Found.Count} found, {Missing} missing, "
        + $"{Doubled} doubled, {Repeats} requests known as repeats; {Ledger}";

    public void ShouldBeClean()
    {
        Missing.ShouldBe(0, ToString());
        Doubled.ShouldBe(0, ToString());
        Found.Order(StringComparer.Ordinal).ShouldBe(Acknowledged.Order(StringComparer.Ordinal), "all that was sent was resent until it was acknowledged");
        Ledger.Stored.ShouldBe(Found.Count, ToString());
        (Ledger.Dropped + Ledger.Rejected + Ledger.InFlight + Ledger.Spooled).ShouldBe(0, ToString());
    }
}
