using Collector.Model;
using Collector.Storage;
using Collector.Storage.Folder;
using Collector.Tests.Support;

namespace Collector.Tests.Storage;

/// <summary>What every store promises, whatever its engine.</summary>
public abstract partial class StoreContract : IDisposable
{
    private static readonly LogQuery _oldestFirst = new() { Descending = false, Limit = 10_000 };

    private protected abstract ILogAppender Appender { get; }

    private protected abstract ILogReader Reader { get; }

    private protected abstract ILogRetainer Retainer { get; }

    /// <summary>Closes the store and opens it again on the same data.</summary>
    protected abstract void Restart();

    public abstract void Dispose();

    private protected void Store(params SomeRow[] rows)
    {
        using var batch = Some.Batch(rows);
        Appender.Append([batch]).ShouldBe(AppendResult.Committed);
    }

    [Fact]
    public void A_report_counts_what_is_stored_and_the_rules_let_young_rows_stay()
    {
        Store(new SomeRow { Nanos = Some.Noon + 7 }, new SomeRow { Nanos = Some.Noon + 9 });
        Restart();
        Reader.Ask(_oldestFirst).Count.ShouldBe(2);
        Retainer.Retain();
        var report = Retainer.Report();
        report.Rows.ShouldBe(2);
        report.Bytes.ShouldBePositive();
        report.Segments.Min(static segment => segment.FirstTimestamp).ShouldBe(Some.Noon + 7);
        report.Segments.Max(static segment => segment.LastTimestamp).ShouldBe(Some.Noon + 9);
        report.Retention.Removed.ShouldBe(default);
        report.Retention.LastPassAt.ShouldNotBeNull();
    }

    [Fact]
    public void Every_column_comes_back_as_it_was_given()
    {
        using var batch = Some.Batch(new SomeRow
        {
            Worker = "checkout",
            RequestId = "r-1",
            Correlation = "c-1",
            Level = Level.Warn,
            Message = "über 1 ↗",
            Context = """{"a":1}""",
            Nanos = Some.Noon + 123_456_789,
            CpuMs = 7,
            Kind = Kind.Request,
            WallMs = 12.5,
            Trace = new UInt128(0x0102030405060708, 0x090A0B0C0D0E0F10),
            Span = 0xAB,
            ParentSpan = ulong.MaxValue,
            Outcome = "ok",
            Resource = """{"host":"h"}""",
        });
        Appender.Append([batch]).ShouldBe(AppendResult.Committed);

        var row = Reader.Ask(_oldestFirst).ShouldHaveSingleItem();
        row.ShouldBe(new ReadRow(
            row.Position, batch.FirstLogId.ToString(), "checkout", "r-1", "c-1", "warn", "über 1 ↗", """{"a":1}""",
            "2026-11-23T12:00:00.123456789Z", "2026-11-23T12:00:00.000000000Z", "request",
            "0102030405060708090a0b0c0d0e0f10", "00000000000000ab", "ffffffffffffffff", "ok", """{"host":"h"}""", 7,
            12.5));
        row.Position.TimestampNanos.ShouldBe(Some.Noon + 123_456_789);
    }

    [Fact]
    public void An_absent_value_is_empty_also_between_rows_that_have_it()
    {
        var full = new SomeRow
        {
            Worker = "w",
            Level = Level.Error,
            Kind = Kind.Request,
            RequestId = "r",
            Context = "{}",
            CpuMs = 1,
            WallMs = 1,
            Trace = 1,
            Span = 1,
            ParentSpan = 1,
            Outcome = "o",
            Resource = "{}",
        };
        Store(full, new SomeRow { Message = "" }, full);
        Store(new SomeRow { Message = "" });

        var rows = Reader.Ask(_oldestFirst).ToList();
        (rows[2] with { LogId = rows[0].LogId, Position = rows[0].Position }).ShouldBe(rows[0]);
        foreach (var bare in new[] { rows[1], rows[3] })
        {
            (bare.RequestId, bare.Context, bare.Outcome, bare.Resource, bare.Message).ShouldBe((null, null, null, null, null));
            (bare.Trace, bare.Span, bare.ParentSpan).ShouldBe((null, null, null));
            (bare.CpuMs, bare.WallMs).ShouldBe((null, null));
            (bare.Worker, bare.Level, bare.Kind).ShouldBe(("worker-a", "info", "log"));
        }
    }

    [Fact]
    public void A_row_that_cannot_be_stored_takes_its_whole_transaction_with_it_and_nothing_else()
    {
        using var good = Some.Batch(new SomeRow { Message = "good", Resource = """{"r":1}""" });
        using var poisoned = Some.Batch(new SomeRow { Message = "bystander" }, new SomeRow { Worker = "" });

        var refused = Appender.Append([good, poisoned]);
        refused.Status.ShouldBe(AppendStatus.Permanent);
        refused.Error.ShouldNotBeNullOrEmpty();
        Reader.Ask(_oldestFirst).ShouldBeEmpty();

        Appender.Append([poisoned]).Status.ShouldBe(AppendStatus.Permanent);
        Appender.Append([good]).ShouldBe(AppendResult.Committed);
        Reader.Ask(_oldestFirst).ShouldHaveSingleItem().Resource.ShouldBe("""{"r":1}""");
        Restart();
        Reader.Messages(_oldestFirst).ShouldBe(["good"]);
    }

    [Fact]
    public void The_same_rows_are_not_stored_twice()
    {
        using var batch = Some.Batch(new SomeRow());
        Appender.Append([batch]).ShouldBe(AppendResult.Committed);
        Appender.Append([batch]).Status.ShouldBe(AppendStatus.Permanent);
        Reader.Ask(_oldestFirst).Count.ShouldBe(1);
    }

    [Fact]
    public void Rows_come_in_order_of_time_and_equal_times_in_order_of_arrival()
    {
        Store(new SomeRow { Message = "b1", Nanos = 20 }, new SomeRow { Message = "c", Nanos = 30 });
        Store(new SomeRow { Message = "b2", Nanos = 20 }, new SomeRow { Message = "a", Nanos = 10 });

        Reader.Messages(_oldestFirst).ShouldBe(["a", "b1", "b2", "c"]);
        Reader.Messages(_oldestFirst with { Descending = true }).ShouldBe(["c", "b2", "b1", "a"]);
    }

    [Fact]
    public void All_given_filters_must_match()
    {
        var wanted = new SomeRow
        {
            Message = "wanted",
            Worker = "w",
            Correlation = "c",
            Level = Level.Warn,
            Trace = 5,
            Nanos = 10,
        };
        Store(
            wanted,
            wanted with { Message = "other worker", Worker = "x" },
            wanted with { Message = "other id", Correlation = "d" },
            wanted with { Message = "harmless", Level = Level.Info },
            wanted with { Message = "other trace", Trace = 6 },
            wanted with { Message = "early", Nanos = 9 },
            wanted with { Message = "late", Nanos = 12 });

        Reader.Messages(new LogQuery
        {
            Worker = "w",
            CorrelationId = "c",
            MinLevel = Level.Warn,
            From = 10,
            To = 12,
            TraceId = "00000000000000000000000000000005",
        }).ShouldBe(["wanted"]);
    }

    [Fact]
    public void A_trace_id_that_is_none_matches_nothing()
    {
        Store(new SomeRow { Trace = 5 }, new SomeRow());
        Reader.Ask(new LogQuery { TraceId = "5" }).ShouldBeEmpty();
        Reader.Ask(new LogQuery { TraceId = new string('0', 32) }).ShouldBeEmpty();
    }

    [Fact]
    public void A_page_says_whether_there_is_more()
    {
        Store(new SomeRow { Message = "a" }, new SomeRow { Message = "b" });

        Reader.Ask(_oldestFirst with { Limit = 1 }, out var first).Count.ShouldBe(1);
        first.More.ShouldBeTrue();
        Reader.Ask(_oldestFirst with { Limit = 1, After = first.Last }, out var second).Single().Message.ShouldBe("b");
        second.More.ShouldBeFalse();
        Reader.Ask(_oldestFirst with { After = second.Last }, out var third).ShouldBeEmpty();
        third.Last.ShouldBeNull();
    }

    [Fact]
    public void A_watermark_keeps_later_arrivals_outside()
    {
        Store(new SomeRow { Message = "early", Nanos = 10 });
        Reader.Ask(_oldestFirst, out var end);
        Store(new SomeRow { Message = "came later, happened before", Nanos = 5 });

        Reader.Messages(_oldestFirst with { Watermark = end.Watermark }).ShouldBe(["early"]);
        Reader.Messages(_oldestFirst with { Watermark = Arrival.Last }).Count.ShouldBe(2);
    }

    [Fact]
    public void A_closure_holds_the_rows_of_the_id_and_of_their_traces_oldest_first()
    {
        Store(
            new SomeRow { Message = "of the trace only", Correlation = "else", Trace = 7, Nanos = 30 },
            new SomeRow { Message = "second trace", Correlation = "id", Trace = 8, Nanos = 20 },
            new SomeRow { Message = "stranger", Correlation = "else", Trace = 9, Nanos = 15 },
            new SomeRow { Message = "first", Correlation = "id", Trace = 7, Nanos = 10 },
            new SomeRow { Message = "traceless", Correlation = "id", Nanos = 20 });

        Reader.ClosureMessages("id").ShouldBe(["first", "second trace", "traceless", "of the trace only"]);
        Reader.ClosureMessages("nobody").ShouldBeEmpty();
    }

    [Fact]
    public void A_closure_takes_a_trace_id_in_either_case()
    {
        var trace = new UInt128(0xABCDEF, 0xFE);
        Store(
            new SomeRow { Message = "a", Correlation = "x", Trace = trace },
            new SomeRow { Message = "b", Trace = 4 });

        Reader.ClosureMessages("0000000000abcdef00000000000000fe").ShouldBe(["a"]);
        Reader.ClosureMessages("0000000000ABCDEF00000000000000FE").ShouldBe(["a"]);
    }

    [Fact]
    public void A_closure_of_ten_thousand_rows_is_whole_and_says_when_it_is_cut()
    {
        Store([.. Enumerable.Range(0, 10_000).Select(i => new SomeRow
        {
            Message = $"{i}", Correlation = "big", Trace = (UInt128)(i % 3), Nanos = (ulong)(10_000 - i),
        })]);

        var whole = Reader.Closure("big", out var more, 10_000);
        more.ShouldBeFalse();
        whole.Select(static r => r.Message).ShouldBe(Enumerable.Range(0, 10_000).Reverse().Select(static i => $"{i}"));
        Reader.Closure("big", out more, 9_999).Count.ShouldBe(9_999);
        more.ShouldBeTrue();
    }

    [Theory]
    [InlineData("' OR 1=1 --")]
    [InlineData("\";DROP TABLE tail_logs;--")]
    [InlineData("a\0b")]
    [InlineData("%_%")]
    [InlineData("…\u2028💥")]
    public void A_hostile_id_is_only_ever_data(string id)
    {
        Store(
            new SomeRow { Message = id, Correlation = id, Worker = id, RequestId = id, Outcome = id, Nanos = 1 },
            new SomeRow { Message = "bystander", Correlation = "a", Worker = "a" });

        Reader.ClosureMessages(id).ShouldBe([id]);
        Reader.Messages(new LogQuery { CorrelationId = id, Worker = id }).ShouldBe([id]);
        Restart();
        Reader.Messages(new LogQuery { CorrelationId = id, Worker = id }).ShouldBe([id]);
        Reader.Ask(_oldestFirst).Count.ShouldBe(2);
    }

    [Fact]
    public void Ids_of_a_megabyte_are_told_apart()
    {
        var id = new string('x', 1 << 20);
        Store(
            new SomeRow { Message = "a", Correlation = id, Worker = id },
            new SomeRow { Message = "b", Correlation = id + "y" });

        Reader.ClosureMessages(id).ShouldBe(["a"]);
        Reader.Messages(new LogQuery { Worker = id }).ShouldBe(["a"]);
    }

    [Fact]
    public void A_restart_finds_everything()
    {
        Store(new SomeRow { Message = "before", Trace = 3, Resource = """{"r":1}""" });
        Restart();
        Store(new SomeRow { Message = "after", Trace = 3, Resource = """{"r":2}""" });
        Restart();

        Reader.Ask(_oldestFirst).Select(static r => (r.Message, r.Resource))
            .ShouldBe([("before", """{"r":1}"""), ("after", """{"r":2}""")]);
        Reader.ClosureMessages("correlation-a").ShouldBe(["before", "after"]);
    }

    [Fact]
    public void A_cancelled_question_ends_with_the_cancellation()
    {
        Store(new SomeRow(), new SomeRow());
        using var cancel = new CancellationTokenSource();
        var sink = new CollectingSink { OnRow = cancel.Cancel };

        Should.Throw<OperationCanceledException>(() => Reader.Find(_oldestFirst, sink, cancel.Token));
        sink.Rows.Count.ShouldBe(1);
        Should.Throw<OperationCanceledException>(() => Reader.FindCorrelation("correlation-a", 9, sink, cancel.Token));
        Reader.Ask(_oldestFirst).Count.ShouldBe(2);
    }
}
