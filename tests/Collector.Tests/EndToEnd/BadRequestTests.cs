using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using Collector.Commands;
using Collector.Tests.Support;

namespace Collector.Tests.EndToEnd;

/// <summary>What producers get wrong, over both transports, and what they are told.</summary>
public sealed class BadRequestTests(RunningCollector running) : IClassFixture<RunningCollector>, IDisposable
{
    private const string Protobuf = "application/x-protobuf";
    private const string Json = "application/json";
    private const int InvalidArgument = 3;
    private const int ResourceExhausted = 8;
    private const int Unimplemented = 12;

    private static readonly byte[] _good = OtlpMessage.Logs("bad-requests", OtlpMessage.Record(1_795_435_200_000_000_000, "good"));
    private static readonly byte[] _zeros = new byte[1 << 20];

    private readonly Wire _wire = new();
    private readonly CollectorProcess _collector = running.Process;

    public static TheoryData<string> Forms => [.. Compressed.Forms.Keys];

    /// <summary>Bodies that are wrong in themselves, and what the answer must name.</summary>
    public static TheoryData<string, string> Malformed => new()
    {
        { "cut in the middle", "offset" },
        { "wire type 7", "offset" },
        { "wire type 6", "offset" },
        { "field number 0", "offset" },
        { "wrong wire type of a known field", "offset" },
        { "length past the end", "offset" },
        { "negative length", "offset" },
        { "endless varint", "offset" },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public async Task A_malformed_message_is_bad_data_over_both_transports_and_names_the_offset(string name, string said)
    {
        var body = Malform(name);

        var grpc = await _wire.GrpcAsync(_collector.Grpc, Wire.LogsMethod, Wire.Frame(body));
        grpc.Status.ShouldBe(InvalidArgument);
        grpc.Message.ShouldNotBeNull().ShouldContain(said);

        var http = await _wire.HttpAsync(_collector.Http, "/v1/logs", body, Protobuf);
        http.Status.ShouldBe(400);
        http.Text.ShouldContain(said);
    }

    [Theory]
    [InlineData("{", 400)]
    [InlineData("[]", 400)]
    [InlineData("{\"resourceLogs\":{}}", 400)]
    [InlineData("{\"resourceLogs\":[1]}", 400)]
    [InlineData("not json", 400)]
    [InlineData("", 200)]
    [InlineData("{}", 200)]
    [InlineData("{\"someNewField\":{\"a\":[1,2]},\"resourceLogs\":[]}", 200)]
    [InlineData("{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{\"timeUnixNano\":\"1795435200000000000\",\"severityNumber\":\"9\"}]}]}]}", 200)]
    [InlineData("{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{\"timeUnixNano\":1795435200000000000,\"severityNumber\":9}]}]}]}", 200)]
    public async Task Json_is_taken_or_refused_as_a_whole(string json, int status)
    {
        var answer = await _wire.HttpAsync(_collector.Http, "/v1/logs", Encoding.UTF8.GetBytes(json), Json);

        answer.Status.ShouldBe(status, answer.Text);
        if (status == 200)
        {
            answer.Text.ShouldBe("{}");
        }
    }

    [Fact]
    public async Task Snake_case_keys_are_read_like_the_others()
    {
        const string Body = """{"resource_logs":[{"scope_logs":[{"log_records":[{"severity_number":17,"body":{"string_value":"snake"}}]}]}]}""";
        var answer = await _wire.HttpAsync(_collector.Http, "/v1/logs", Encoding.UTF8.GetBytes(Body), Json);

        (answer.Status, answer.Text).ShouldBe((200, "{}"));
        var row = (await _collector.GetJsonAsync("/api/logs?q=snake")).GetProperty("logs")[0];
        (row.GetProperty("message").GetString(), row.GetProperty("log_level").GetString()).ShouldBe(("snake", "error"));
    }

    [Theory]
    [InlineData("POST", "/v1/nothing", Protobuf, 404)]
    [InlineData("GET", "/v1/logs", null, 405)]
    [InlineData("PUT", "/v1/logs", Protobuf, 405)]
    [InlineData("POST", "/v1/logs", "text/plain", 415)]
    [InlineData("POST", "/v1/logs", null, 415)]
    [InlineData("POST", "/v1/logs", "application/json; charset=utf-8", 200)]
    public async Task Http_says_what_is_legal(string method, string path, string? type, int status)
    {
        var answer = await _wire.HttpAsync(_collector.Http, path, [], type, method: method);

        answer.Status.ShouldBe(status, answer.Text);
    }

    [Theory]
    [InlineData("br")]
    [InlineData("compress")]
    [InlineData("gzip, br")]
    [InlineData("gzip, gzip, gzip")]
    public async Task An_unknown_content_encoding_is_named_with_the_legal_ones(string encoding)
    {
        var http = await _wire.HttpAsync(_collector.Http, "/v1/logs", _good, Protobuf, encoding);
        http.Status.ShouldBe(415);
        http.Text.ShouldContain($"content-encoding '{encoding}' is not understood");
        http.Headers.NonValidated["Accept-Encoding"].ToString().ShouldBe("gzip, x-gzip, zstd, snappy, x-snappy-framed, deflate, zlib, lz4");

        var grpc = await _wire.GrpcAsync(_collector.Grpc, Wire.LogsMethod, Wire.Frame(_good, flag: 1), headers: ("grpc-encoding", encoding));
        grpc.Status.ShouldBe(Unimplemented);
        grpc.Message.ShouldNotBeNull().ShouldContain($"grpc-encoding '{encoding}' is not understood");
        grpc.AcceptEncoding.ShouldBe("identity,gzip,zstd,snappy,deflate");
    }

    [Fact]
    public async Task An_unknown_encoding_is_counted_and_its_sender_is_said_once()
    {
        await using var collector = await CollectorProcess.StartAsync();
        foreach (var encoding in new[] { "br", "\u001b[2J", "br" })
        {
            await _wire.HttpAsync(collector.Http, "/v1/logs", _good, Protobuf, encoding);
            await _wire.GrpcAsync(collector.Grpc, Wire.LogsMethod, Wire.Frame(_good), headers: ("grpc-encoding", "br"));
        }

        var metrics = await _wire.Client.GetStringAsync(new Uri($"http://{collector.Web}/metrics"));
        foreach (var transport in new[] { "http", "grpc" })
        {
            PrometheusText.Parse(metrics).ValueOf("collector_requests_total", $"transport=\"{transport}\",signal=\"logs\",outcome=\"unknown_encoding\"")
                .ShouldBe(3);
        }

        collector.Log.Split("A request of 127.0.0.1 is turned away (unknown_encoding, 1 so far): content-encoding 'br'").Length.ShouldBe(2, collector.Log);
        collector.Log.Split("is not understood").Length.ShouldBe(2, collector.Log);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task Every_compression_of_a_forwarder_is_stored(string form)
    {
        var (encoding, name) = (Compressed.Forms[form], "compressed-" + form.Replace(' ', '-'));
        var body = Compressed.As(form, OtlpMessage.Logs("forwarder", OtlpMessage.Record(1_795_435_200_000_000_000, form, OtlpMessage.Correlated(name))));

        var http = await _wire.HttpAsync(_collector.Http, "/v1/logs", body, Protobuf, encoding.ToUpperInvariant());
        http.Status.ShouldBe(200, http.Text);
        if (encoding is "gzip" or "zstd" or "snappy" or "deflate")
        {
            // Plain or compressed in whatever way, it is the same message.
            var grpc = await _wire.GrpcAsync(_collector.Grpc, Wire.LogsMethod, Wire.Frame(body, flag: 1), headers: ("grpc-encoding", encoding));
            (grpc.Status, grpc.IsDuplicate).ShouldBe((0, true), grpc.Message);
        }

        (await _collector.GetJsonAsync("/api/correlations/" + name)).GetProperty("logs").GetArrayLength().ShouldBe(1);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task A_bomb_of_each_compression_is_refused_for_good_within_bounded_memory_and_time(string form)
    {
        await using var collector = await CollectorProcess.StartAsync();
        var bomb = Compressed.Bomb(form, 256 << 20);
        for (var i = 0; i < 3; i++)
        {
            var watch = Stopwatch.StartNew();

            (await _wire.HttpAsync(collector.Http, "/v1/logs", bomb, Protobuf, Compressed.Forms[form])).Status.ShouldBe(413);

            watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(5));
        }

        collector.PeakMemory.ShouldBeLessThan(300L << 20);
    }

    [Fact]
    public async Task Grpc_says_what_it_is_not()
    {
        (await _wire.GrpcAsync(_collector.Grpc, "/some.Service/Method", Wire.Frame(_good))).Status.ShouldBe(Unimplemented);
        (await _wire.GrpcAsync(_collector.Grpc, Wire.LogsMethod, Wire.Frame(_good), "application/json")).Http.ShouldBe(404);
        (await _wire.GrpcAsync(_collector.Grpc, Wire.LogsMethod, Wire.Frame(_good), "application/grpc+proto")).Status.ShouldBe(0);
    }

    [Fact]
    public async Task Grpc_frames_must_say_the_truth()
    {
        await Expect(InvalidArgument, Wire.Frame(_good)[..^1]);
        await Expect(InvalidArgument, Wire.Frame(_good)[..3]);
        await Expect(InvalidArgument, Wire.Frame(_good, length: (uint)_good.Length + 1));
        await Expect(InvalidArgument, Wire.Frame(_good, length: (uint)_good.Length - 1));
        await Expect(InvalidArgument, [.. Wire.Frame(_good), .. Wire.Frame(_good)]);
        await Expect(ResourceExhausted, Wire.Frame(_good, length: uint.MaxValue));
        await Expect(InvalidArgument, Wire.Frame(_good, flag: 2));
        await Expect(InvalidArgument, Wire.Frame(Wire.Gzip(_good), flag: 1));
        await Expect(0, []);
        await Expect(0, Wire.Frame([]));
    }

    [Fact]
    public async Task Bad_gzip_is_bad_data()
    {
        var cut = Wire.Gzip(_good)[..^9];
        var garbage = Enumerable.Repeat((byte)7, 100).ToArray();
        foreach (var body in new[] { cut, garbage, [1, 2, 3] })
        {
            (await _wire.HttpAsync(_collector.Http, "/v1/logs", body, Protobuf, "gzip")).Status.ShouldBe(400);
            (await _wire.GrpcAsync(_collector.Grpc, Wire.LogsMethod, Wire.Frame(body, flag: 1), headers: ("grpc-encoding", "gzip"))).Status.ShouldBe(InvalidArgument);
        }
    }

    [Fact]
    public async Task What_is_too_large_is_refused_for_good_whether_declared_or_not()
    {
        var tooLarge = new byte[(64 << 20) + 1];

        (await _wire.HttpAsync(_collector.Http, "/v1/logs", tooLarge, Protobuf)).Status.ShouldBe(413);
        var grpc = await _wire.GrpcAsync(_collector.Grpc, Wire.LogsMethod, Wire.Frame(tooLarge));
        grpc.Status.ShouldBe(ResourceExhausted);
        Encoding.UTF8.GetString(grpc.Details).ShouldNotContain("RetryInfo");
    }

    [Fact]
    public Task A_bomb_of_10_MB_that_inflates_to_10_GB_is_refused_within_200_MB_of_memory() => RefuseBombAsync(members: 10);

    internal async Task RefuseBombAsync(int members)
    {
        await using var collector = await CollectorProcess.StartAsync();
        // A file of several gzip members is their contents in a row, and each is fast to make once it is made.
        var bomb = Enumerable.Repeat(Bomb((10L << 30) / members), members).SelectMany(static member => member).ToArray();
        // The honest length of a single member is a multiple of 2^32 off; a lie of 1 byte must not help.
        var liar = (byte[])bomb.Clone();
        BitConverter.TryWriteBytes(liar.AsSpan(liar.Length - 4), 1);

        foreach (var body in new[] { bomb, liar })
        {
            (await _wire.HttpAsync(collector.Http, "/v1/logs", body, Protobuf, "gzip")).Status.ShouldBe(413);
            (await _wire.GrpcAsync(collector.Grpc, Wire.LogsMethod, Wire.Frame(body, flag: 1), headers: ("grpc-encoding", "gzip"))).Status.ShouldBe(ResourceExhausted);
        }

        collector.PeakMemory.ShouldBeLessThan(200L << 20);
    }

    [Fact]
    public Task Sixteen_bodies_of_64_MB_at_once_stay_within_bounded_memory_and_all_get_an_answer() => AnswerLargeBodiesAsync(16);

    internal async Task AnswerLargeBodiesAsync(int bodies)
    {
        await using var collector = await CollectorProcess.StartAsync();
        // One record with a message of nearly 64 MiB: decodable, cut to a row, and nobody has two of them in memory.
        var body = Wire.Frame(OtlpMessage.Logs("large", OtlpMessage.Record(1_795_435_200_000_000_000, new string('x', (64 << 20) - 200))));

        var calls = Enumerable.Range(0, bodies).Select(_ => _wire.GrpcAsync(collector.Grpc, Wire.LogsMethod, body));
        var replies = await Task.WhenAll(calls);

        replies.ShouldAllBe(reply => reply.Status == 0 || reply.Status == 14);
        replies.ShouldContain(reply => reply.Status == 0);
        replies.Where(reply => reply.Status == 14).ShouldAllBe(reply => Encoding.UTF8.GetString(reply.Details).Contains("RetryInfo"));
        collector.PeakMemory.ShouldBeLessThan(600L << 20);
        var total = (await collector.GetJsonAsync("/api/ledger")).GetProperty("total");
        total.GetProperty("stored").GetInt64().ShouldBe(replies.Count(reply => reply.Status == 0));
        total.GetProperty("in_flight").GetInt64().ShouldBe(0);
    }

    [Fact]
    public async Task Ten_thousandfold_nesting_is_cut_and_kept()
    {
        var value = OtlpMessage.Text(1, "deep");
        for (var i = 0; i < 10_000; i++)
        {
            value = OtlpMessage.Bytes(5, OtlpMessage.Bytes(1, value));
        }

        var body = OtlpMessage.Logs("nested", OtlpMessage.Bytes(2, OtlpMessage.Fixed64(1, 1_795_435_200_000_000_000), OtlpMessage.Bytes(6, OtlpMessage.Text(1, "a"), OtlpMessage.Bytes(2, value)), OtlpMessage.Correlated("nested-row")));

        (await _wire.GrpcAsync(_collector.Grpc, Wire.LogsMethod, Wire.Frame(body))).Status.ShouldBe(0);
        var rows = (await _collector.GetJsonAsync("/api/correlations/nested-row")).GetProperty("logs");
        rows[0].GetProperty("context").GetProperty("notes").ToString().ShouldContain("64");
    }

    [Fact]
    public async Task Broken_utf8_is_repaired_and_noted_and_costs_nobody_else()
    {
        var broken = OtlpMessage.Bytes(2, OtlpMessage.Fixed64(1, 1_795_435_200_000_000_000), OtlpMessage.Bytes(5, OtlpMessage.Bytes(1, [0x61, 0xFF, 0x62])), OtlpMessage.Correlated("broken-text"));
        var body = OtlpMessage.Logs("broken", broken, OtlpMessage.Record(1_795_435_200_000_000_001, "fine", OtlpMessage.Correlated("broken-text")));

        (await _wire.GrpcAsync(_collector.Grpc, Wire.LogsMethod, Wire.Frame(body))).Status.ShouldBe(0);
        var rows = (await _collector.GetJsonAsync("/api/correlations/broken-text")).GetProperty("logs");
        rows.GetArrayLength().ShouldBe(2);
        rows[0].GetProperty("message").GetString().ShouldBe("a\uFFFDb");
        rows[0].GetProperty("context").GetProperty("notes").GetArrayLength().ShouldBe(1);
        rows[1].GetProperty("message").GetString().ShouldBe("fine");
    }

    [Fact]
    public async Task Nothing_of_all_this_is_an_exception_in_the_log()
    {
        foreach (var name in Malformed.Select(row => (string)row[0]))
        {
            await _wire.GrpcAsync(_collector.Grpc, Wire.LogsMethod, Wire.Frame(Malform(name)));
        }

        _collector.Log.ShouldNotContain("Exception");
        _collector.Log.ShouldNotContain("fail:");
    }

    public void Dispose() => _wire.Dispose();

    private static byte[] Malform(string name) => name switch
    {
        "cut in the middle" => _good[..(_good.Length / 2)],
        "wire type 7" => [.. _good, 0x0F],
        "wire type 6" => [.. _good, 0x0E],
        "field number 0" => [.. _good, 0x02, 0x00],
        "wrong wire type of a known field" => OtlpMessage.Varint(1, 5),
        "length past the end" => [0x0A, 0x7F, 0x01],
        "negative length" => [0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
        "endless varint" => Enumerable.Repeat((byte)0xFF, 64).ToArray(),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "no such body"),
    };

    private static byte[] Bomb(long inflated)
    {
        using var target = new MemoryStream();
        using (var gzip = new GZipStream(target, CompressionLevel.Fastest))
        {
            for (long written = 0; written < inflated; written += _zeros.Length)
            {
                gzip.Write(_zeros);
            }
        }

        return target.ToArray();
    }

    private async Task Expect(int status, byte[] body) =>
        (await _wire.GrpcAsync(_collector.Grpc, Wire.LogsMethod, body)).Status.ShouldBe(status, $"{body.Length} bytes");
}
