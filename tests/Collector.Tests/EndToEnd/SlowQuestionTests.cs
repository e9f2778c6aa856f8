using System.Diagnostics;
using System.Net;
using Collector.Commands;
using Collector.Tests.Support;

namespace Collector.Tests.EndToEnd;

/// <summary>Questions that would take minutes, asked of the real process: by callers who leave, and by very many.</summary>
public sealed class SlowQuestionTests : IAsyncLifetime
{
    private const int Askers = 50;
    // Of four and 32, what one address may take.
    private const int Running = 3;
    private const int Waiting = 28;

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromMinutes(3) };
    private string _folder = "";

    public async Task InitializeAsync() => _folder = await SlowSegment.CreateFolderAsync();

    public Task DisposeAsync()
    {
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Callers_who_leave_free_their_statement_long_before_its_end()
    {
        // Nothing but their leaving ends these within the test.
        await using var collector = await CollectorProcess.StartOnAsync(_folder, "--Query:Timeout=00:10:00");
        using var leave = new CancellationTokenSource();
        var asking = Enumerable.Range(0, Running).Select(_ => _http.GetAsync(Url(collector, SlowSegment.Query), leave.Token)).ToArray();
        var bound = new LoopBound();
        var behind = AskAsync();
        while (await Eventually.EndsAsync(behind, TimeSpan.FromSeconds(1)) && bound.Holds())
        {
            // Until every place is taken.
            behind = AskAsync();
        }

        await leave.CancelAsync();

        using var answer = await behind.WaitAsync(TimeSpan.FromSeconds(60));
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        foreach (var gone in asking)
        {
            await Should.ThrowAsync<OperationCanceledException>(gone);
        }

        Task<HttpResponseMessage> AskAsync() => _http.GetAsync(Url(collector, "/api/logs?worker=nobody"));
    }

    [Fact]
    public async Task Fifty_slow_questions_delay_no_acknowledgement_and_the_surplus_is_told_to_come_again()
    {
        await using var collector = await CollectorProcess.StartOnAsync(_folder, "--Query:Timeout=00:00:05");
        await using var watching = await LiveClient.OpenAsync(collector, "worker=producer&limit=0");
        (await watching.NextAsync()).Event.ShouldBe("live");
        using var producer = new Producer();
        var alone = await AcknowledgeAsync(collector, producer, from: 0, count: 50);

        var started = Stopwatch.GetTimestamp();
        var asking = Enumerable.Range(0, Askers).Select(_ => _http.GetAsync(Url(collector, SlowSegment.Query))).ToArray();
        await BusyAsync(collector);
        using var lookup = await _http.GetAsync(Url(collector, "/api/correlations/nobody"));
        lookup.StatusCode.ShouldBe(HttpStatusCode.NotFound, "an id is looked up meanwhile");
        asking.Count(static one => one.IsCompleted).ShouldBe(Askers - Running - Waiting, "none of the others is answered yet");
        var sent = 50;
        var slowest = TimeSpan.Zero;
        var bound = new LoopBound();
        while (!asking.All(static one => one.IsCompleted) && bound.Holds())
        {
            var waited = await AcknowledgeAsync(collector, producer, sent++, count: 1);
            slowest = waited > slowest ? waited : slowest;
        }

        var answers = await Task.WhenAll(asking);
        var took = Stopwatch.GetElapsedTime(started);
        answers.ShouldAllBe(static a => a.StatusCode == HttpStatusCode.ServiceUnavailable && a.Headers.RetryAfter != null);
        var texts = await Task.WhenAll(answers.Select(static a => a.Content.ReadAsStringAsync()));
        texts.Count(static text => text.Contains("Limits:WaitingQuestions", StringComparison.Ordinal)).ShouldBe(Askers - Running - Waiting);
        texts.ShouldAllBe(static text => text.Contains("Limits:WaitingQuestions", StringComparison.Ordinal) || text.Contains("Query:Timeout", StringComparison.Ordinal));
        took.ShouldBeLessThan(TimeSpan.FromSeconds(20), "who waits for a place waits within the same time");
        // Nobody's acknowledgement waits for a question; alone it takes milliseconds, and two cores are shared by four.
        slowest.ShouldBeLessThan(TimeSpan.FromSeconds(3), $"{alone.TotalMilliseconds} ms alone");
        sent.ShouldBeGreaterThan(60);
        collector.PeakMemory.ShouldBeLessThan(250L << 20);
        (await watching.MessagesAsync(sent)).Count.ShouldBe(sent, "who watches has waited for none of them");
        using var after = await _http.GetAsync(Url(collector, "/api/logs?worker=producer&limit=1"));
        after.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private static Uri Url(CollectorProcess collector, string target) => new($"http://{collector.Web}{target}");

    // The longest wait among so many requests.
    private static async Task<TimeSpan> AcknowledgeAsync(CollectorProcess collector, Producer producer, int from, int count)
    {
        var longest = TimeSpan.Zero;
        for (var number = from; number < from + count; number++)
        {
            var sent = Stopwatch.GetTimestamp();
            (await producer.IsAcknowledgedAsync(collector, number)).ShouldBeTrue();
            var waited = Stopwatch.GetElapsedTime(sent);
            longest = waited > longest ? waited : longest;
        }

        return longest;
    }

    // Statements run: the process takes CPU time although nobody sends anything.
    private static Task BusyAsync(CollectorProcess collector)
    {
        using var process = Process.GetProcessById(collector.Id);
        var before = process.TotalProcessorTime;
        return Eventually.IsSoAsync(
            () =>
            {
                using var now = Process.GetProcessById(collector.Id);
                return now.TotalProcessorTime - before > TimeSpan.FromSeconds(1);
            },
            () => collector.Log);
    }
}
