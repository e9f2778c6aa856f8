using Collector.Model;
using Collector.Query;
using Collector.Storage;
using Collector.Tests.Support;

namespace Collector.Tests.Query;

public sealed class GapSearchTests
{
    private readonly GapReader _reader = new();

    [Fact]
    public void Gaps_of_one_worker_are_asked_for_by_name_and_those_of_several_are_picked()
    {
        var gaps = new GapSearch(_reader);

        gaps.Find(new HashSet<string> { "worker-a" }, 1, 9, CancellationToken.None).Select(gap => gap.WorkerName).ShouldBe(["worker-a", "*"]);
        gaps.Find(new HashSet<string> { "worker-a", "worker-c" }, 1, 9, CancellationToken.None)
            .Select(gap => gap.WorkerName).ShouldBe(["worker-a", "worker-c", "*"]);

        _reader.Questions.ShouldBe([("worker-a", 1UL, 9UL), (null, 1UL, 9UL)]);
    }

    /// <summary>Has a gap of each of three workers and one of everybody, and nothing else.</summary>
    private sealed class GapReader : ILogReader
    {
        public Arrival Newest => default;

        public Arrival ReadArrivals(Arrival after, int limit, IRowSink sink, CancellationToken cancellation) => throw new InvalidOperationException();

        public MetricsAnswer Measure(MetricsQuery query, CancellationToken cancellation) => throw new InvalidOperationException();

        public IReadOnlyDictionary<string, ulong> LastSeen(CancellationToken cancellation) => throw new InvalidOperationException();

        public List<(string? Worker, ulong From, ulong To)> Questions { get; } = [];

        public Task Ready => Task.CompletedTask;

        public PageEnd Find(LogQuery query, IRowSink sink, CancellationToken cancellation) => default;

        public bool FindCorrelation(string id, int limit, IRowSink sink, CancellationToken cancellation) => false;

        public IReadOnlyList<Gap> FindGaps(string? worker, ulong fromNanos, ulong toNanos, CancellationToken cancellation)
        {
            Questions.Add((worker, fromNanos, toNanos));
            string[] workers = ["worker-a", "worker-b", "worker-c", Gap.Everybody];
            return [.. workers.Where(name => worker is null || name == worker || name == Gap.Everybody).Select(name => new Gap(name, 2, 3, 1, "queue_full"))];
        }
    }
}
