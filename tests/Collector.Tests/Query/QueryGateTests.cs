using System.Collections.Concurrent;
using Collector.Query;
using Microsoft.Extensions.Time.Testing;

namespace Collector.Tests.Query;

public sealed class QueryGateTests
{
    private static readonly QueryOptions _options = new() { Timeout = TimeSpan.FromSeconds(10) };

    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public async Task Beyond_those_that_wait_already_a_question_is_refused_at_once()
    {
        using var gate = new QueryGate(_options, _clock, places: 2, maxWaiting: 3, niceness: 0);
        using var released = new SemaphoreSlim(0);
        var inside = Enumerable.Range(0, 5).Select(_ => gate.RunAsync(released.Wait, CancellationToken.None)).ToArray();

        var refused = await gate.RunAsync(static _ => throw new InvalidOperationException("asked"), CancellationToken.None);
        refused.ShouldNotBeNull().Status.ShouldBe(503);

        released.Release(inside.Length);
        (await Task.WhenAll(inside)).ShouldAllBe(static problem => problem == null);
        (await gate.RunAsync(static _ => { }, CancellationToken.None)).ShouldBeNull("there is room again");
    }

    [Fact]
    public async Task Time_spent_waiting_for_a_place_counts_and_frees_it_again()
    {
        using var gate = new QueryGate(_options, _clock, places: 1, maxWaiting: 10, niceness: 0);
        // It goes on beyond its time: a place that is free when both times are over could be the second's.
        using var released = new SemaphoreSlim(0);
        var running = gate.RunAsync(_ => released.Wait(CancellationToken.None), CancellationToken.None);
        var waiting = gate.RunAsync(static _ => throw new InvalidOperationException("asked"), CancellationToken.None);

        _clock.Advance(_options.Timeout);

        (await waiting).ShouldNotBeNull().Detail.ShouldContain("Query:Timeout");
        released.Release();
        (await running).ShouldBeNull();
        (await gate.RunAsync(static _ => { }, CancellationToken.None)).ShouldBeNull();
    }

    [Fact]
    public async Task A_caller_who_leaves_is_answered_by_nobody()
    {
        using var gate = new QueryGate(_options, _clock, places: 1, maxWaiting: 10, niceness: 0);
        using var leave = new CancellationTokenSource();
        var asking = gate.RunAsync(
            static token =>
            {
                token.WaitHandle.WaitOne();
                token.ThrowIfCancellationRequested();
            },
            leave.Token);
        await leave.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(asking);
    }

    [Fact]
    public async Task Questions_share_a_few_threads_that_let_others_go_first()
    {
        using var gate = new QueryGate(_options, _clock, places: 3, maxWaiting: 100, niceness: 7);
        var threads = new ConcurrentDictionary<int, string>();
        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => gate.RunAsync(
            _ => threads[Environment.CurrentManagedThreadId] = OperatingSystem.IsLinux() ? Niceness() : "7", CancellationToken.None)));

        threads.Count.ShouldBeInRange(1, 3);
        threads.Values.ShouldAllBe(static nice => nice == "7");
        Environment.CurrentManagedThreadId.ShouldNotBeOneOf([.. threads.Keys]);
    }

    // The 19th field; the second, the name, ends with the last bracket.
    private static string Niceness()
    {
        var stat = File.ReadAllText("/proc/thread-self/stat");
        return stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[16];
    }
}
