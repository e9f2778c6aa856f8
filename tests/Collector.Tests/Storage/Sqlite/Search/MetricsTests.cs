using Collector.Commands;
using Collector.Model;
using Collector.Storage;
using Collector.Storage.Sqlite;
using Collector.Storage.Sqlite.Segments;
using Collector.Tests.Support;

namespace Collector.Tests.Storage.Sqlite.Search;

/// <summary>Figures against what a plain list of the rows says, wherever the rows are.</summary>
public sealed class MetricsTests
{
    private const ulong Second = 1_000_000_000;
    private const ulong Minute = 60 * Second;
    private const ulong Hour = 60 * Minute;
    private const ulong Start = Some.Noon - (6 * Hour);

    private readonly List<SomeRow> _rows = [];
    private readonly Random _random = new(7);

    [Fact]
    public async Task Figures_are_those_of_the_rows_while_hot_after_sealing_and_after_a_restart()
    {
        using var open = new OpenStore();
        Append(open, 800);
        CheckAll(open, fromRollups: true);
        open.Restart();
        await open.Store.Reader.Ready;
        CheckAll(open, fromRollups: true);

        open.Store.Appender.RollOver();
        Append(open, 500);
        await open.IsSealedAsync();
        CheckAll(open, fromRollups: true);
        open.Restart();
        CheckAll(open, fromRollups: true);
    }

    [Fact]
    public async Task Where_the_cells_are_too_many_rows_are_read_instead()
    {
        using var open = new OpenStore(new SqliteStoreOptions { MaxRollupCells = 20 });
        Append(open, 300);
        CheckAll(open, fromRollups: false);
        open.Store.Appender.RollOver();
        await open.IsSealedAsync();
        CheckAll(open, fromRollups: false);
    }

    [Fact]
    public async Task Steps_below_a_minute_are_made_of_rows_while_hot_and_after_sealing()
    {
        using var open = new OpenStore();
        // More than a block of the hot index.
        Append(open, 40_000);
        CheckRows(open);
        open.Store.Appender.RollOver();
        Append(open, 5_000);
        await open.IsSealedAsync();
        CheckRows(open);
    }

    [Fact]
    public async Task Each_worker_was_last_seen_at_its_latest_event()
    {
        using var open = new OpenStore();
        Append(open, 300);
        open.Store.Appender.RollOver();
        Append(open, 50);
        await open.IsSealedAsync();
        open.Store.Reader.LastSeen(CancellationToken.None).OrderBy(static seen => seen.Key)
            .ShouldBe(_rows.GroupBy(static r => r.Worker).Select(static g => KeyValuePair.Create(g.Key, g.Max(static r => r.Nanos))).OrderBy(static seen => seen.Key));
    }

    private void Append(OpenStore open, int count)
    {
        var rows = Enumerable.Range(0, count).Select(_ => AnyRow()).ToArray();
        _rows.AddRange(rows);
        open.Append(rows);
    }

    private SomeRow AnyRow()
    {
        var kind = (Kind)_random.Next(4);
        return new SomeRow
        {
            Worker = $"w{_random.Next(3)}",
            Kind = kind,
            Level = (Level)_random.Next(4),
            Nanos = Start + ((ulong)_random.NextInt64((long)(6 * Hour / Second)) * Second) + (ulong)_random.Next(1_000),
            CpuMs = _random.Next(2) == 0 ? _random.Next(100) : null,
            WallMs = kind is Kind.Request or Kind.Span ? _random.NextDouble() * 3_000 : null,
        };
    }

    private void CheckAll(OpenStore open, bool fromRollups)
    {
        foreach (var step in new[] { Minute, 5 * Minute, Hour, 6 * Hour })
        {
            Check(open, new MetricsQuery { From = Start, To = Start + (6 * Hour), Step = step }, fromRollups);
        }

        Check(open, new MetricsQuery { From = Start + (3 * Minute), To = Start + Hour, Step = 3 * Minute, Worker = "w1" }, fromRollups);
        Check(open, new MetricsQuery { From = Start, To = Start + Hour, Step = Hour, Kind = Kind.Request }, fromRollups);
    }

    private void CheckRows(OpenStore open)
    {
        var step = 7 * Second;
        foreach (var worker in new[] { null, "w1", "nobody" })
        {
            Check(open, new MetricsQuery { From = Start, To = Start + (6 * Hour), Step = step, Worker = worker }, fromRollups: false);
            var part = new MetricsQuery { From = Start + Second, To = Start + Hour + Second, Step = step, Worker = worker };
            Check(open, part, fromRollups: false);
            Check(open, part with { Kind = Kind.Request }, fromRollups: false);
            foreach (var least in new[] { Level.Debug, Level.Warn, Level.Error })
            {
                CheckCounts(open, part with { CountsFrom = least });
                CheckCounts(open, part with { CountsFrom = least, Kind = Kind.Span });
            }
        }
    }

    private void CheckCounts(OpenStore open, MetricsQuery query)
    {
        var answer = open.Store.Reader.Measure(query, CancellationToken.None);
        answer.FromRollups.ShouldBeFalse();
        for (var level = query.CountsFrom!.Value; level <= Level.Error; level++)
        {
            var counts = answer.Steps.GroupBy(static s => s.Key.Step)
                .Select(steps => (Step: steps.Key, Count: steps.Sum(step => step.Value[level]))).Where(static s => s.Count > 0).Order();
            counts.ShouldBe(RowsOf(query).Where(r => r.Level == level).GroupBy(r => (int)((r.Nanos - query.From) / query.Step))
                .Select(static rows => (Step: rows.Key, Count: rows.LongCount())).Order(), $"{query} {level}");
        }
    }

    private IEnumerable<SomeRow> RowsOf(MetricsQuery query) => _rows.Where(r => r.Nanos >= query.From && r.Nanos < query.To
        && (query.Worker is null || r.Worker == query.Worker) && (query.Kind is null || r.Kind == query.Kind));

    private void Check(OpenStore open, MetricsQuery query, bool fromRollups)
    {
        var answer = open.Store.Reader.Measure(query, CancellationToken.None);
        answer.FromRollups.ShouldBe(fromRollups, $"{query}");
        var expected = RowsOf(query)
            .GroupBy(r => (r.Worker, Step: (int)((r.Nanos - query.From) / query.Step))).ToDictionary(static g => g.Key, static g => g.ToArray());
        answer.Steps.Keys.Order().ShouldBe(expected.Keys.Order());
        foreach (var (step, rows) in expected)
        {
            CheckStep(answer.Steps[step], rows);
        }
    }

    private static void CheckStep(MetricsPoint figures, SomeRow[] rows)
    {
        figures.Count.ShouldBe(rows.Length);
        figures.Errors.ShouldBe(rows.Count(static r => r.Level == Level.Error));
        figures[Level.Warn].ShouldBe(rows.Count(static r => r.Level == Level.Warn));
        figures.CpuMs.ShouldBe(rows.Sum(static r => r.CpuMs ?? 0));
        figures.LastNanos.ShouldBe(rows.Max(static r => r.Nanos));
        var durations = rows.Where(static r => r.WallMs is not null).Select(static r => r.WallMs!.Value).Order().ToArray();
        (figures.Latency?.Count ?? 0).ShouldBe(durations.Length);
        if (durations.Length > 0)
        {
            var exact = durations[(int)Math.Ceiling(0.95 * durations.Length) - 1];
            figures.Latency!.Percentile(0.95).ShouldBe(exact, exact * 0.01);
            figures.Latency.Max.ShouldBe(durations[^1]);
        }
    }
}
