using System.Text.Json;
using Collector.Diagnostics;
using Collector.Limits;
using Collector.Model;
using Collector.Pipeline.Ledger;
using Collector.Query;
using Collector.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace Collector.Tests.Query;

public sealed class PageCursorTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UnixEpoch.AddDays(1));
    private readonly EndlessRows _rows = new();
    private readonly QueryGates _gates;

    public PageCursorTests()
    {
        var (limits, metrics) = (new LimitOptions(), new CollectorMetrics(_clock));
        _gates = new QueryGates(new QueryOptions(), limits, new CallerPlaces(limits, metrics).Answers, metrics, _clock);
    }

    [Fact]
    public void What_is_written_is_read_again()
    {
        var cursor = new PageCursor(true, new Position(5, new Arrival(2, 7)), new Arrival(3, 9), 1, ulong.MaxValue);
        PageCursor.TryParse(cursor.ToString(), out var read).ShouldBeTrue();
        read.ShouldBe(cursor);
    }

    [Fact]
    public async Task A_relative_range_stays_that_of_the_first_page()
    {
        var first = await AskAsync("?from=15m&to=5m");
        _clock.Advance(TimeSpan.FromSeconds(20));
        await AskAsync($"?from=15m&to=5m&cursor={first}");

        _rows.Questions.Count.ShouldBe(2);
        var (one, two) = (_rows.Questions[0], _rows.Questions[1]);
        (two.From, two.To).ShouldBe((one.From, one.To));
        two.After.ShouldNotBeNull();
    }

    public void Dispose() => _gates.Dispose();

    private async Task<string?> AskAsync(string query)
    {
        using var body = new MemoryStream();
        var context = new DefaultHttpContext();
        context.Request.QueryString = new QueryString(query);
        context.Response.Body = body;
        await new LogsEndpoint(_rows, new GapSearch(_rows), _gates.Searches, _clock).Create()(context);
        return JsonDocument.Parse(body.ToArray()).RootElement.GetProperty("next_cursor").GetString();
    }

    /// <summary>There is always another page.</summary>
    private sealed class EndlessRows : ILogReader
    {
        public List<LogQuery> Questions { get; } = [];

        public Task Ready => Task.CompletedTask;

        public Arrival Newest => new(1, 9);

        public PageEnd Find(LogQuery query, IRowSink sink, CancellationToken cancellation)
        {
            Questions.Add(query);
            return new PageEnd(new Position(5, new Arrival(1, 1)), true, Newest);
        }

        public Arrival ReadArrivals(Arrival after, int limit, IRowSink sink, CancellationToken cancellation) => throw new InvalidOperationException();

        public bool FindCorrelation(string id, int limit, IRowSink sink, CancellationToken cancellation) => throw new InvalidOperationException();

        public MetricsAnswer Measure(MetricsQuery query, CancellationToken cancellation) => throw new InvalidOperationException();

        public IReadOnlyDictionary<string, ulong> LastSeen(CancellationToken cancellation) => throw new InvalidOperationException();

        public IReadOnlyList<Gap> FindGaps(string? worker, ulong fromNanos, ulong toNanos, CancellationToken cancellation) => [];
    }
}
