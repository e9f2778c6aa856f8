using System.Collections.Concurrent;
using System.Net;
using Collector.Diagnostics;
using Collector.Limits;
using Collector.Query;
using Collector.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace Collector.Tests.Query;

public sealed class QueryGateTests
{
    private static readonly QueryOptions _options = new() { Timeout = TimeSpan.FromSeconds(10) };

    private readonly FakeTimeProvider _clock = new();
    private readonly CollectorMetrics _metrics;

    private readonly Places _answers;

    public QueryGateTests()
    {
        _metrics = new CollectorMetrics(_clock);
        _answers = new Places("answers", "KiB of answers", "Limits:AnswerBytes", 1_000, _metrics);
    }

    [Fact]
    public async Task Beyond_those_that_wait_already_a_question_is_refused_at_once()
    {
        using var gate = Gate(places: 2, maxWaiting: 3, niceness: 0);
        using var released = new SemaphoreSlim(0);
        var inside = Enumerable.Range(0, 5).Select(i => gate.RunAsync(released.Wait, Caller($"127.0.0.{i}"))).ToArray();

        var refused = await gate.RunAsync(static _ => throw new InvalidOperationException("asked"), Caller());
        refused.ShouldNotBeNull().Status.ShouldBe(503);

        released.Release(inside.Length);
        (await Task.WhenAll(inside)).ShouldAllBe(static problem => problem == null);
        (await gate.RunAsync(static _ => { }, Caller())).ShouldBeNull("there is room again");
    }

    [Fact]
    public async Task Time_spent_waiting_for_a_place_counts_and_frees_it_again()
    {
        using var gate = Gate(places: 1, maxWaiting: 10, niceness: 0);
        // It goes on beyond its time: a place that is free when both times are over could be the second's.
        using var released = new SemaphoreSlim(0);
        var running = gate.RunAsync(_ => released.Wait(CancellationToken.None), Caller());
        var waiting = gate.RunAsync(static _ => throw new InvalidOperationException("asked"), Caller());

        _clock.Advance(_options.Timeout);

        (await waiting).ShouldNotBeNull().Detail.ShouldContain("Query:Timeout");
        released.Release();
        (await running).ShouldBeNull();
        (await gate.RunAsync(static _ => { }, Caller())).ShouldBeNull();
    }

    [Fact]
    public async Task A_caller_who_leaves_is_answered_by_nobody()
    {
        using var gate = Gate(places: 1, maxWaiting: 10, niceness: 0);
        using var leave = new CancellationTokenSource();
        var asking = gate.RunAsync(
            static token =>
            {
                token.WaitHandle.WaitOne();
                token.ThrowIfCancellationRequested();
            },
            Caller(left: leave.Token));
        await leave.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(asking);
    }

    [Fact]
    public async Task Questions_share_a_few_threads_that_let_others_go_first()
    {
        using var gate = Gate(places: 4, maxWaiting: 200, niceness: 7);
        var threads = new ConcurrentDictionary<int, string>();
        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => gate.RunAsync(
            _ => threads[Environment.CurrentManagedThreadId] = OperatingSystem.IsLinux() ? Niceness() : "7", Caller())));

        threads.Count.ShouldBeInRange(1, 3);
        threads.Values.ShouldAllBe(static nice => nice == "7");
        Environment.CurrentManagedThreadId.ShouldNotBeOneOf([.. threads.Keys]);
    }

    [Fact]
    public void Answers_that_nobody_reads_are_bounded_in_all_and_by_address_and_a_large_one_goes_alone()
    {
        using var gate = Gate(places: 1, maxWaiting: 1, niceness: 0);
        using (gate.Hold(Caller(), 400_000, out var none))
        {
            none.ShouldBeNull();
            gate.Hold(Caller(), 400_000, out var refused).ShouldBeNull();
            refused!.Detail.ShouldContain("Limits:AnswerBytes");
            using var other = gate.Hold(Caller("127.0.0.2"), 50_000, out _).ShouldNotBeNull();
        }

        using (gate.Hold(Caller(), 1L << 40, out _).ShouldNotBeNull())
        {
            gate.Hold(Caller("127.0.0.2"), 100_000, out _).ShouldBeNull();
        }

        _answers.Taken.ShouldBe(0);
    }

    [Theory]
    [InlineData(3, 5)]
    [InlineData(4, 32)]
    public async Task One_address_never_takes_all_places_and_others_are_served_in_turn(int places, int maxWaiting)
    {
        using var gate = Gate(places, maxWaiting, niceness: 0);
        var order = new ConcurrentQueue<string>();
        using var released = new SemaphoreSlim(0);
        Task<Problem?> Ask(string address) => gate.RunAsync(
            token =>
            {
                order.Enqueue(address);
                released.Wait(token);
            },
            Caller(address));

        var greedy = Enumerable.Range(0, 100).Select(_ => Ask("127.0.0.1")).ToArray();
        greedy.Count(static asked => asked.IsCompleted).ShouldBe(100 - Share.Of(places) - Share.Of(maxWaiting));
        (await greedy[^1]).ShouldNotBeNull().Detail.ShouldContain("Limits:WaitingQuestions");

        var other = Ask("127.0.0.2");
        await Eventually.IsSoAsync(() => order.Contains("127.0.0.2"), () => "a place is kept for others");
        var second = Ask("127.0.0.2");
        released.Release(1_000);
        (await Task.WhenAll(other, second)).ShouldAllBe(static problem => problem == null);
        (await Task.WhenAll(greedy)).Count(static problem => problem is null).ShouldBe(Share.Of(places) + Share.Of(maxWaiting));
        order.ToList().LastIndexOf("127.0.0.2").ShouldBeLessThan((2 * places) + 1, "not behind all who asked before it");
    }

    private QueryGate Gate(int places, int maxWaiting, int niceness) =>
        new(new GateBounds("questions", "Limits:WaitingQuestions", places, maxWaiting, niceness), _options, _answers, _metrics, _clock);

    private static DefaultHttpContext Caller(string address = "127.0.0.1", CancellationToken left = default) =>
        new() { Connection = { RemoteIpAddress = IPAddress.Parse(address) }, RequestAborted = left };

    // The 19th field; the second, the name, ends with the last bracket.
    private static string Niceness()
    {
        var stat = File.ReadAllText("/proc/thread-self/stat");
        return stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[16];
    }
}
