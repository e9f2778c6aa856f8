using System.Text;
using Collector.Diagnostics;
using Collector.Limits;
using Collector.Live;
using Collector.Model;
using Collector.Query;
using Collector.Storage;
using Collector.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace Collector.Tests.Query;

public sealed class LiveEndpointTests
{
    [Fact]
    public async Task A_row_that_arrives_while_a_reader_catches_up_is_given_once()
    {
        var clock = new FakeTimeProvider();
        var rows = new GrowingRows();
        using var events = new RowEvents();
        using var metrics = new CollectorMetrics(clock);
        using var places = new CallerPlaces(new LimitOptions(), metrics);
        var hub = new LiveHub(rows, events.Write, 1 << 20, metrics, clock, new TypedLogger<LiveHub>(new RecordingLogger()));
        using var gates = new QueryGates(new QueryOptions(), new LimitOptions(), places.Answers, metrics, clock);
        using var left = new CancellationTokenSource();
        var context = new DefaultHttpContext { RequestAborted = left.Token };
        context.Request.Headers["Last-Event-ID"] = "1-2";
        using var body = new MemoryStream();
        context.Response.Body = body;

        var answering = new LiveEndpoint(rows, hub, places.LiveReaders, gates, clock).Create()(context);
        await Eventually.IsSoAsync(() => TextOf(body).Contains("event: live", StringComparison.Ordinal), () => TextOf(body));
        await left.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(answering);

        places.LiveReaders.Taken.ShouldBe(0, "it gave its place back");
        var ids = TextOf(body).Split('\n').Where(static line => line.StartsWith("id: ", StringComparison.Ordinal)).Select(static line => line[4..]);
        ids.ShouldBe(["1-3", "1-4", "1-5", "1-6", "1-7", "1-7"], "the last one is the stream's own");
    }

    private static string TextOf(MemoryStream body)
    {
        lock (body)
        {
            return Encoding.UTF8.GetString(body.ToArray());
        }
    }

    /// <summary>Whenever somebody has looked what the newest row is, the next read finds two more.</summary>
    private sealed class GrowingRows : ILogReader, IArrivals
    {
        private long _last = 5;
        private bool _hasGrown;

        public Task Ready => Task.CompletedTask;

        public Arrival Newest => new(1, _last);

        public Arrival ReadArrivals(Arrival after, int limit, IRowSink sink, CancellationToken cancellation)
        {
            if (limit > 0 && !_hasGrown)
            {
                _hasGrown = true;
                _last += 2;
            }

            for (; limit > 0 && after.Segment == 1 && after.Row < _last; limit--)
            {
                after = new Arrival(1, after.Row + 1);
                var row = new StoredRow { Position = new Position(1, after), LogLevel = "info"u8, Kind = "log"u8 };
                if (!sink.Accept(row))
                {
                    break;
                }
            }

            return after;
        }

        public Arrival Read(Arrival after, int limit, IRowSink sink, CancellationToken cancellation) =>
            ReadArrivals(after, limit, sink, cancellation);

        public PageEnd Find(LogQuery query, IRowSink sink, CancellationToken cancellation) => default;

        public bool FindCorrelation(string id, int limit, IRowSink sink, CancellationToken cancellation) => false;

        public MetricsAnswer Measure(MetricsQuery query, CancellationToken cancellation) =>
            new(new Dictionary<(string Worker, int Step), MetricsPoint>(), FromRollups: false);

        public IReadOnlyDictionary<string, ulong> LastSeen(CancellationToken cancellation) => new Dictionary<string, ulong>();

        public IReadOnlyList<Gap> FindGaps(string? worker, ulong fromNanos, ulong toNanos, CancellationToken cancellation) => [];
    }
}
