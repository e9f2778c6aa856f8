using System.Text.Json;
using Collector.Model;
using Collector.Storage;
using Collector.Storage.Folder;
using Collector.Tests.Storage.Sqlite;
using Collector.Tests.Support;

namespace Collector.Tests.Storage;

/// <summary>
/// Text that means something to SQL, to LIKE, to JSON paths or to C is only ever a value, also where it is long (a
/// megabyte in the long runs): stored in every column, each finds exactly the row that has it, in memory and in a sealed file.
/// </summary>
public sealed class HostileValueTests : IDisposable
{
    private readonly OpenStore _open = new();

    public static TheoryData<string> Values =>
    [
        "'; DROP TABLE tail_logs; --", "\" OR \"\"=\"", "x' OR 1=1 --", "?1", ":name", "%", "_", "a%b_c\\", "*", "[a-z]", "$.size", "$[0]", "$.\"a\".b",
        "a\0b", "\0", "\u202e\u0007", "null", "''", "${jndi:x}", new string('x', 1_000), new string('\'', 1_000),
    ];

    [Theory]
    [MemberData(nameof(Values))]
    public async Task A_hostile_value_finds_its_own_row_and_no_other(string value)
    {
        Append("hot or sealed", value);
        Check(value, rows: 1);
        _open.Store.Appender.RollOver();
        await _open.IsSealedAsync();
        Check(value, rows: 1);
        Append("hot", value);
        Check(value, rows: 2);
        _open.Store.Reader.Ask(new LogQuery()).Count.ShouldBe(6, "nothing was dropped");
    }

    public void Dispose() => _open.Dispose();

    // Between two rows that the value would match if it were a pattern or a piece of SQL.
    private void Append(string message, string value)
    {
        var other = new SomeRow { Worker = "other", Correlation = "other", RequestId = "r", Outcome = "ok", Message = "abc 1", Context = """{"attributes":{"size":1}}""" };
        _open.Append(
            other,
            new SomeRow
            {
                Worker = value,
                Correlation = value,
                RequestId = value,
                Outcome = value,
                Message = message,
                Context = JsonSerializer.Serialize(new { attributes = new Dictionary<string, string> { [value] = "named", ["held"] = value } }),
            },
            other with { Message = "abc 2" });
    }

    private void Check(string value, int rows)
    {
        var all = new LogQuery();
        foreach (var (filter, query) in new[]
        {
            ("worker", all with { Worker = value }),
            ("correlation_id", all with { CorrelationId = value }),
            ("request_id", all with { RequestId = value }),
            ("outcome", all with { Outcome = value }),
            ("worker and level", all with { Worker = value, MinLevel = Level.Info }),
            ("attr.NAME", all with { Attributes = [new AttributeCondition(value, Comparison.Equal, "named")] }),
            ("attr.held", all with { Attributes = [new AttributeCondition("held", Comparison.Equal, value)] }),
        })
        {
            var found = _open.Store.Reader.Ask(query);
            found.Count.ShouldBe(rows, filter);
            found.ShouldAllBe(row => row.Outcome == value, filter);
        }

        _open.Store.Reader.ClosureMessages(value).Count.ShouldBe(rows, "closure");
        _open.Store.Reader.Messages(all with { Text = value + "!" }).ShouldBeEmpty("q");
        _open.Store.Reader.Measure(new MetricsQuery { Worker = value, From = 0, To = ulong.MaxValue / 2, Step = ulong.MaxValue / 2 }, CancellationToken.None)
            .Steps.Values.Sum(static step => step.Count).ShouldBe(rows, "metrics");
        _open.Store.Reader.FindGaps(value, 0, ulong.MaxValue, CancellationToken.None).ShouldBeEmpty("gaps");
    }
}
