using Collector.Model;
using Collector.Receive.Request;
using Collector.Receive.Rows;
using Collector.Receive.Tail;
using Collector.Tests.Receive.Otlp;

namespace Collector.Tests.Receive.Tail;

public sealed class TailMappingTests
{
    private const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";

    [Theory]
    [InlineData("""{"request":{"url":"https://a.b/x/y?q=1#f","method":"PUT"},"response":{"status":201}}""", "PUT /x/y 201", "fetch")]
    [InlineData("""{"request":{"url":"https://a.b?q=1","method":"GET"}}""", "GET /", "fetch")]
    [InlineData("""{"request":{"url":"/only?x"}}""", "fetch /only", "fetch")]
    [InlineData("""{"rpcMethod":"add"}""", "rpc add", "rpc")]
    [InlineData("""{"scheduledTime":1795305600000,"cron":"*/5 * * * *"}""", "scheduled */5 * * * *", "scheduled")]
    [InlineData("""{"scheduledTime":"2026-11-22T12:00:00.000Z"}""", "alarm", "alarm")]
    [InlineData("""{"queue":"orders","batchSize":2}""", "queue orders (2)", "queue")]
    [InlineData("""{"mailFrom":"a@b.c","rcptTo":"d@e.f","rawSize":10}""", "email a@b.c to d@e.f", "email")]
    [InlineData("""{"consumedEvents":[{"scriptName":"x"},{"scriptName":"y"}]}""", "tail (2)", "tail")]
    [InlineData("""{"getWebSocketEvent":{"webSocketEventType":"close","code":1000,"wasClean":true}}""", "websocket close 1000", "websocket")]
    [InlineData("{}", "unknown", "unknown")]
    [InlineData("null", "unknown", "unknown")]
    public void Request_row_says_what_called_the_worker(string callEvent, string message, string type)
    {
        var row = TailItems.Rows($"\"event\":{callEvent}").ShouldHaveSingleItem();

        row.Kind.ShouldBe(Kind.Request);
        row.Message.ShouldBe(message);
        row.Json.GetProperty("event_type").GetString().ShouldBe(type);
    }

    [Fact]
    public void Request_row_has_its_columns_and_keeps_the_rest()
    {
        var row = TailItems.Rows("""
            "scriptName":"shop","outcome":"exceededCpu","cpuTime":12,"wallTime":34.5,"truncated":true,"brandNew":{"a":[1]},
            "scriptVersion":{"id":"v1"},"scriptTags":["t"],"entrypoint":"Main","event":{"request":{"url":"https://a/b",
            "method":"GET","headers":{"traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01","cf-ray":"ray-1",
            "x-api-key":"abc"},"cf":{"colo":"AMS"}}}
            """).ShouldHaveSingleItem();

        row.ShouldSatisfyAllConditions(
            () => row.Worker.ShouldBe("shop"),
            () => row.Outcome.ShouldBe("exceededCpu"),
            () => row.Level.ShouldBe(Level.Error),
            () => row.ExecutionTimeMs.ShouldBe(12),
            () => row.WallTimeMs.ShouldBe(34.5),
            () => row.TraceId.ShouldBe(Trace),
            () => row.ParentSpanId.ShouldBe("00f067aa0ba902b7"),
            () => row.CorrelationId.ShouldBe(Trace),
            () => row.RequestId.ShouldBe("ray-1"),
            () => row.Json.GetProperty("truncated").GetBoolean().ShouldBeTrue(),
            () => row.Json.GetProperty("brandNew").GetRawText().ShouldBe("""{"a":[1]}"""),
            () => row.Json.GetProperty("event").GetProperty("request").GetProperty("headers").GetProperty("x-api-key")
                .GetString().ShouldBe("REDACTED"),
            () => row.Resource.ShouldBe("""{"attributes":{"scriptVersion":{"id":"v1"},"scriptTags":["t"],"entrypoint":"Main"}}"""),
            () => row.Notes.ShouldBeEmpty());
    }

    [Theory]
    [InlineData("ok", Level.Info)]
    [InlineData("canceled", Level.Warn)]
    [InlineData("exceededMemory", Level.Error)]
    [InlineData("somethingNew", Level.Error)]
    public void Level_of_the_request_follows_its_outcome(string outcome, object level) =>
        TailItems.Rows($"\"outcome\":\"{outcome}\"")[0].Level.ShouldBe(level);

    [Fact]
    public void A_handler_that_threw_is_an_error_though_its_outcome_is_ok()
    {
        var rows = TailItems.Rows($$"""
            "outcome":"ok","event":{"queue":"orders","batchSize":1},
            "exceptions":[{"timestamp":{{TailItems.Noon + 1}},"name":"TypeError","message":"no","stack":"at x","code":7}]
            """);

        rows[0].Level.ShouldBe(Level.Error);
        var thrown = rows[1];
        thrown.Kind.ShouldBe(Kind.Exception);
        thrown.Level.ShouldBe(Level.Error);
        thrown.Message.ShouldBe("TypeError: no");
        thrown.Context.ShouldBe(
            """{"attributes":{"exception.type":"TypeError","exception.message":"no","exception.stacktrace":"at x"},"code":7}""");
    }

    [Theory]
    [InlineData("""{"tailAttributes":{"correlation_id":"A"}}""", "A")]
    [InlineData("""{"logs":[{"message":[{"correlation_id":"B","message":"m"}]}]}""", "B")]
    [InlineData("""{"logs":[{"message":["{\"correlationId\":\"B\"}"]}]}""", "B")]
    [InlineData("""{"logs":[{"message":["x",{"correlation_id":7}]}]}""", "7")]
    [InlineData("""{"diagnosticsChannelEvents":[{"message":{"correlation_id":"D"}}]}""", "D")]
    [InlineData("""{"event":{"request":{"headers":{"X-Correlation-Id":"H"}}}}""", "H")]
    [InlineData("""{"logs":[{"message":[{"trace_id":"4BF92F3577B34DA6A3CE929D0E0E4736"}]}]}""", Trace)]
    public void Correlation_id_is_the_first_that_is_there_and_all_rows_have_it(string item, string id)
    {
        var rows = TailItems.Decode($"[{item}]").Rows;

        rows.ShouldAllBe(row => row.CorrelationId == id);
    }

    [Fact]
    public void Invocations_that_say_nothing_of_each_other_have_ids_of_their_own()
    {
        var rows = TailItems.Decode("""[{"logs":[{"message":["a"]}]},{"logs":[{"message":["b"]}]}]""").Rows;

        rows[0].CorrelationId.ShouldBe(rows[1].CorrelationId);
        rows[2].CorrelationId.ShouldBe(rows[3].CorrelationId);
        rows[0].CorrelationId.ShouldNotBe(rows[2].CorrelationId);
    }

    [Fact]
    public void A_bad_item_rejects_itself_and_says_why()
    {
        var report = new TailReport();

        var rows = TailItems.Decode("""[{"outcome":"ok"},7,null,[],"x",{"outcome":"ok"}]""", report).Rows;

        rows.Length.ShouldBe(2);
        report.Accepted.ShouldBe(2);
        report.Rejected.ShouldBe(4);
        var json = System.Text.Encoding.UTF8.GetString(report.ToJson());
        json.ShouldStartWith("""{"accepted":2,"rejected":4,"reasons":[{"index":1,"reason":"a number instead of an object (a trace item)"}""");
    }

    [Theory]
    [InlineData("", "not valid JSON at offset 0")]
    [InlineData("{}", "a JSON array of trace items is expected, not an object, at offset 0")]
    [InlineData("[{}", "not valid JSON at offset 3")]
    [InlineData("[{}]x", "not valid JSON at offset 4")]
    public void What_is_no_array_is_refused_whole(string message, string why) =>
        TailItems.Decode(message).Result.Message.ShouldBe(why);

    [Fact]
    public void Wrong_types_are_repaired_noted_and_counted()
    {
        var decoded = TailItems.Decode("""
            [{"eventTimestamp":"1795435200000","scriptName":7,"outcome":{"a":1},"cpuTime":"x","wallTime":-1,"logs":
            [{"message":"bare","level":3,"timestamp":1795435200001},5],"exceptions":"boom","event":[1]}]
            """);

        var request = decoded.Rows[0];
        request.Timestamp.ShouldBe("2026-11-23T12:00:00.000000000Z");
        request.Worker.ShouldBe("7");
        request.Level.ShouldBe(Level.Error);
        request.Notes.ShouldContain("scriptName: a number instead of a string");
        request.Notes.ShouldContain("eventTimestamp: a string instead of a number");
        request.Notes.ShouldContain("cpuTime: a string instead of a number");
        request.Notes.ShouldContain("wallTime: out of range");
        request.Notes.ShouldContain("exceptions: a string instead of an array");
        request.Json.GetProperty("outcome").GetRawText().ShouldBe("""{"a":1}""");
        request.Json.GetProperty("exceptions").GetString().ShouldBe("boom");
        decoded.Rows[1].Message.ShouldBe("bare");
        decoded.Rows[1].Json.GetProperty("level").GetInt32().ShouldBe(3);
        decoded.Rows[2].Message.ShouldBe("5");
        decoded.OddValues.ShouldBeGreaterThan(8);
    }

    [Fact]
    public void A_row_is_no_longer_than_its_limit()
    {
        var rules = new MappingRules { MaxRowBytes = 1024 };
        var text = new string('é', 5000);

        var rows = TailItems.Decode(
            $$"""[{"logs":[{"message":["{{text}}","{{text}}"]},{"message":[{"message":"{{text}}","big":"{{text}}"}]},{"message":["{{text}}"]}],"event":{"request":{"url":"https://a/{{text}}"} } }]""",
            rules: rules).Rows;

        foreach (var row in rows)
        {
            var length = System.Text.Encoding.UTF8.GetByteCount(row.Message + row.Context);
            length.ShouldBeLessThan(1024 + 300);
            row.Notes.ShouldNotBeEmpty();
        }
    }

    [Fact]
    public void Memory_that_is_refused_refuses_the_request()
    {
        var message = TailItems.Read("many-logs");
        using var batch = Decoded.Batch(message, new LimitedAllowance(20_000));

        var result = new TailDecoder(new MappingRules(), new LogIdSequence())
            .Decode(batch, new LimitedAllowance(20_000), new TailReport());

        result.Status.ShouldBe(DecodeStatus.MemoryRefused);
    }
}
