using Collector.Model;
using Collector.Storage;
using Collector.Storage.Folder;
using Collector.Storage.Sqlite;
using Collector.Storage.Sqlite.Segments;
using Collector.Tests.Storage.Sqlite;
using Collector.Tests.Support;

namespace Collector.Tests.Storage;

/// <summary>
/// Random rows, questions, roll-overs and restarts against a plain list, while full segments are being sealed. Paging
/// goes on meanwhile and while new and late rows arrive, and must give exactly what matched when the first page was
/// asked for.
/// </summary>
public sealed class StorePropertyTests
{
    private const int Steps = 120;

    private static readonly string[] _searched = ["STRASSE", "straß", "STRAßE", "tree", "tree H", "0%", "'", "nothing", "\"zone\"", "size"];
    private static readonly string[] _words = ["Straße", "tree", "TREE house", "100%", "o'clock"];

    private readonly List<SomeRow> _model = [];

    // Nanoseconds between two times: all rows in a minute, or in a quarter of an hour.
    private ulong _step = 1;

    [Theory]
    [InlineData(1, false, 1)]
    [InlineData(2, false, 20_000_000_000)]
    [InlineData(3, true, 1)]
    [InlineData(4, true, 20_000_000_000)]
    public void A_store_answers_as_a_sorted_list_does(int seed, bool hashesCollide, ulong step)
    {
        _step = step;
        var random = new Random(seed);
        var options = new SqliteStoreOptions { MaxIndexedWorkers = 2, SegmentRows = 300, MaxIdleReaders = 5, RowsInTextBlock = 10 };
        options.IdHashMask = hashesCollide ? 1UL << 63 : ulong.MaxValue;
        using var open = new OpenStore(options);
        for (var i = 0; i < Steps; i++)
        {
            switch (random.Next(7))
            {
                case 6 when random.Next(3) == 0:
                    open.Store.Appender.RollOver();
                    break;
                case 0 when random.Next(3) == 0:
                    options.TextIndex = random.Next(3) > 0;
                    open.Restart(beginSegment: random.Next(2) == 0);
                    break;
                case < 3 or 6:
                    Append(open.Store, random);
                    break;
                case 3:
                    CheckClosure(open.Store, random);
                    break;
                default:
                    CheckPages(open, random);
                    break;
            }
        }
    }

    private void Append(SqliteStore store, Random random)
    {
        var batches = new List<RowBatch>();
        for (var i = random.Next(1, 4); i > 0; i--)
        {
            var rows = Enumerable.Range(0, random.Next(1, 30)).Select(_ => AnyRow(random)).ToArray();
            _model.AddRange(rows);
            batches.Add(Some.Batch(rows));
        }

        AppendResult result;
        var timeout = 30;
        do
        {
            // Each waits a second for sealing, which a busy machine may need.
            result = store.Appender.Append(batches);
        }
        while (result.Error?.StartsWith("sealing is behind", StringComparison.Ordinal) == true && timeout-- > 0);

        result.ShouldBe(AppendResult.Committed);
        batches.ForEach(static b => b.Dispose());
    }

    private SomeRow AnyRow(Random random) => new()
    {
        Message = $"{_model.Count}.{random.Next()}",
        Worker = $"w{random.Next(4)}",
        Correlation = $"c{random.Next(8)}",
        Trace = (UInt128)random.Next(6),
        Level = (Level)random.Next(4),
        Nanos = (ulong)random.Next(40) * _step,
        RequestId = random.Next(3) == 0 ? $"r{random.Next(8)}" : null,
        Kind = (Kind)random.Next(4),
        Outcome = random.Next(2) == 0 ? "ok" : null,
        WallMs = random.Next(2) == 0 ? random.Next(100) : null,
        Context = $$$"""{"attributes":{"size":{{{random.Next(10)}}},"word":"{{{_words[random.Next(_words.Length)]}}}"}}""",
        Resource = $$$"""{"attributes":{"zone":"z{{{random.Next(3)}}}"}}""",
    };

    private void CheckPages(OpenStore open, Random random)
    {
        var query = new LogQuery
        {
            CorrelationId = random.Next(4) == 0 ? $"c{random.Next(9)}" : null,
            TraceId = random.Next(4) == 0 ? $"{random.Next(1, 7):x32}" : null,
            Worker = random.Next(3) == 0 ? $"w{random.Next(5)}" : null,
            MinLevel = (Level)random.Next(4),
            From = random.Next(2) == 0 ? (ulong)random.Next(30) * _step : 0,
            To = random.Next(2) == 0 ? (ulong)random.Next(50) * _step : ulong.MaxValue,
            RequestId = random.Next(8) == 0 ? $"r{random.Next(9)}" : null,
            Kind = random.Next(3) == 0 ? (Kind)random.Next(4) : null,
            Outcome = random.Next(8) == 0 ? "ok" : null,
            WallTime = random.Next(6) == 0 ? [new NumberCondition(Comparison.GreaterOrEqual, random.Next(100))] : [],
            Text = random.Next(4) == 0 ? AnyText(random) : null,
            Attributes = random.Next(6) == 0 ? [AnyCondition(random)] : [],
            Descending = random.Next(2) == 0,
            Limit = random.Next(1, 60),
        };
        var expected = Expected(query);
        var answered = new List<string?>();
        // Bounded: rows that come with every page would make the next paging longer, and that one the next.
        var interruptions = 10;
        var bound = new LoopBound();
        while (bound.Holds())
        {
            var page = open.Store.Reader.Ask(query, out var end);
            answered.AddRange(page.Select(static r => r.Message));
            (end.Last?.Arrival).ShouldBe(page.LastOrDefault()?.Position.Arrival);
            end.More.ShouldBe(answered.Count < expected.Count);
            if (!end.More)
            {
                break;
            }

            query = query with { After = end.Last, Watermark = end.Watermark };
            if (interruptions-- < 0)
            {
                continue;
            }

            if (random.Next(4) == 0)
            {
                Append(open.Store, random);
            }
            else if (random.Next(10) == 0)
            {
                open.Restart(beginSegment: random.Next(2) == 0);
            }
        }

        answered.ShouldBe(expected);
    }

    private List<string?> Expected(LogQuery query)
    {
        var matching = _model.Where(r =>
            (query.CorrelationId is null || r.Correlation == query.CorrelationId)
            && (query.TraceId is null || $"{r.Trace:x32}" == query.TraceId)
            && (query.Worker is null || r.Worker == query.Worker)
            && r.Level >= query.MinLevel && r.Nanos >= query.From && r.Nanos < query.To
            && (query.RequestId is null || r.RequestId == query.RequestId)
            && (query.Kind is null || r.Kind == query.Kind)
            && (query.Outcome is null || r.Outcome == query.Outcome)
            && query.WallTime.All(c => r.WallMs >= c.Number)
            && (query.Text is null || $"{r.Message} {r.Context}".Contains(query.Text, StringComparison.OrdinalIgnoreCase))
            && query.Attributes.All(c => IsSo(r, c)));
        // LINQ sorts stably, and the model stands in order of arrival.
        var ascending = matching.OrderBy(static r => r.Nanos).Select(static r => (string?)r.Message).ToList();
        if (query.Descending)
        {
            ascending.Reverse();
        }

        return ascending;
    }

    // A word that many rows have, or part of one message that no other row may have.
    private string AnyText(Random random) => random.Next(2) == 0 && _model.Count > 0
        ? _model[random.Next(_model.Count)].Message[..^2]
        : _searched[random.Next(_searched.Length)];

    private static AttributeCondition AnyCondition(Random random) => random.Next(3) switch
    {
        0 => new AttributeCondition("size", Comparison.GreaterOrEqual, "5"),
        1 => new AttributeCondition("zone", Comparison.Equal, "z1"),
        _ => new AttributeCondition("word", Comparison.Equal, "100%"),
    };

    private static bool IsSo(SomeRow row, AttributeCondition condition) => condition.Name switch
    {
        "size" => row.Context![22] >= '5',
        "zone" => row.Resource!.Contains("z1", StringComparison.Ordinal),
        _ => row.Context!.Contains("100%", StringComparison.Ordinal),
    };

    private void CheckClosure(SqliteStore store, Random random)
    {
        var id = random.Next(3) == 0 ? $"{random.Next(1, 7):X32}" : $"c{random.Next(9)}";
        var direct = _model.Where(r => r.Correlation == id || $"{r.Trace:X32}" == id).ToHashSet();
        var traces = direct.Select(static r => r.Trace).Where(static t => t != UInt128.Zero).ToHashSet();
        var expected = _model.Where(r => direct.Contains(r) || traces.Contains(r.Trace))
            .OrderBy(static r => r.Nanos).Select(static r => r.Message).ToList();

        var limit = random.Next(1, expected.Count + 5);
        store.Reader.Closure(id, out var more, limit).Select(static r => r.Message).ShouldBe(expected.Take(limit));
        more.ShouldBe(expected.Count > limit);
    }
}
