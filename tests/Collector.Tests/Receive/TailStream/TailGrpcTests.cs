using Collector.Diagnostics;
using Collector.Model;
using Collector.Pipeline.Queue;
using Collector.Protobuf;
using Collector.Receive.Grpc;
using Collector.Receive.Request;
using Collector.Receive.Rows;
using Collector.Receive.TailStream;
using Collector.Tests.Receive.Grpc;
using Collector.Tests.Receive.Otlp;
using Collector.Tests.Support;
using Grpc.Core;
using static Collector.Tests.Receive.TailStream.TailEvents;

namespace Collector.Tests.Receive.TailStream;

/// <summary>The methods over a whole pipeline.</summary>
public sealed class TailGrpcTests : IDisposable
{
    private readonly TemporaryFolder _temporary = new();
    private readonly CollectorMetrics _metrics = new(new NoonClock());
    private readonly GatedStore _store = new();
    private readonly TailEventDecoder _decoder = new(new MappingRules(), new LogIdSequence());

    [Fact]
    public async Task Events_sent_again_while_the_first_are_under_way_are_answered_when_those_are_stored()
    {
        await using var pipes = new Pipes(_store, _temporary.File("spool"));
        var first = SendAsync(pipes);
        await _store.Entered();

        var again = SendAsync(pipes);
        var isEarly = again.IsCompleted;
        _store.Let(10);

        isEarly.ShouldBeFalse("nothing is on disk yet");
        (await again).ShouldBe(3UL);
        (await first).ShouldBe(3UL);
        pipes.Total.ShouldBe(Counts.Of(6, stored: 3, duplicate: 3));
    }

    [Fact]
    public async Task A_stop_within_a_long_event_says_that_Collector_is_stopping()
    {
        await using var pipes = new Pipes(_store, _temporary.File("spool"));
        _store.Let(10);
        using var stopping = new CancellationTokenSource();
        var stream = Stream(pipes, stopping.Token);
        var call = InvokeAsync(stream, Wire.Frame(new byte[100_000])[..50_000], isWhole: false);

        await stopping.CancelAsync();

        var outcome = (await call).Outcome;
        outcome.Status.ShouldBe(ReceiveStatus.Overloaded);
        outcome.Message!.ShouldContain("stopping");
    }

    [Theory]
    [InlineData("broken", ReceiveStatus.BadData, "undecodable")]
    [InlineData("cut short", ReceiveStatus.BadData, "undecodable")]
    [InlineData("too large", ReceiveStatus.TooLarge, "too_large")]
    [InlineData("too many holes", ReceiveStatus.BadData, "undecodable")]
    public async Task What_ends_a_stream_is_counted_as_the_same_bytes_sent_at_once_are(string name, object status, string reason)
    {
        await using var pipes = new Pipes(_store, _temporary.File("spool"));
        _store.Let(1_000);
        var events = name == "too many holes" ? Enumerable.Range(1, 300).Select(i => Event((ulong)i * 2)).ToArray() : [Event(1)];
        byte[] last = name switch
        {
            "broken" => Wire.Frame([0x0F]),
            "cut short" => Wire.Frame(new byte[10])[..12],
            "too large" => Wire.Frame([], length: 2 << 20),
            _ => [],
        };
        var stream = Stream(pipes, CancellationToken.None);

        var answer = await InvokeAsync(stream, [.. events.SelectMany(happened => Wire.Frame(happened.ToArray())), .. last], isWhole: true);

        answer.Outcome.Status.ShouldBe(status, answer.Outcome.Message);
        await pipes.UntilAsync(static total => total.InFlight == 0);
        var stored = name == "too many holes" ? 256 : 1;
        pipes.Total.ShouldBe(Counts.Of(stored + 1, stored: stored, rejected: 1));
        pipes.Ledger.Read().SelectMany(account => account.Reasons).ShouldContain(counted => counted.Key.Contains(reason));
    }

    [Fact]
    public async Task A_stream_that_ends_by_itself_or_is_stopped_counts_nothing_as_rejected()
    {
        await using var pipes = new Pipes(_store, _temporary.File("spool"));
        _store.Let(10);
        using var stopping = new CancellationTokenSource();
        var stream = Stream(pipes, stopping.Token);
        (await InvokeAsync(stream, Wire.Frame(Event(1).ToArray()), isWhole: true)).Outcome.ShouldBe(ReceiveResult.Ok);

        var call = InvokeAsync(stream, Wire.Frame(Event(2).ToArray())[..7], isWhole: false);
        await stopping.CancelAsync();
        (await call).Outcome.Status.ShouldBe(ReceiveStatus.Overloaded);

        await pipes.UntilAsync(static total => total.InFlight == 0);
        pipes.Total.ShouldBe(Counts.Of(1, stored: 1));
    }

    public void Dispose()
    {
        _temporary.Dispose();
        _metrics.Dispose();
        _store.Dispose();
    }

    // How far the stream is stored, as the answer says.
    private async Task<ulong> SendAsync(Pipes pipes)
    {
        var batch = new Proto().Message(1, Event(1)).Message(1, Event(2)).Message(1, Event(3));
        var answer = await InvokeAsync(new TailGrpcSend(Handler(pipes), _decoder, pipes.Streams), Wire.Frame(batch.ToArray()), isWhole: true);
        answer.Outcome.ShouldBe(ReceiveResult.Ok);
        var reader = new WireReader(answer.Message, Slice.OfBody(0, answer.Message!.Length));
        reader.Next().ShouldBeTrue();
        return reader.Number;
    }

    private TailGrpcStream Stream(Pipes pipes, CancellationToken stopping) =>
        new(Handler(pipes), _decoder, pipes.Streams, new NoonClock(), TimeSpan.FromSeconds(5), stopping);

    private RequestHandler Handler(Pipes pipes) => new(
        pipes.Queue, new ByteBudget(16 << 20, TimeSpan.FromSeconds(5), new NoonClock()), pipes.Ledger, _metrics,
        new NoonClock(), new IngestOptions());

    private static async Task<GrpcAnswer> InvokeAsync(IGrpcMethod method, byte[] body, bool isWhole)
    {
        var request = new PipedRequest();
        await request.Writer.WriteAsync(body);
        if (isWhole)
        {
            await request.Writer.CompleteAsync();
        }

        var call = new GrpcCall(request.Request.HttpContext, new UnreadAnswers(), new BodyLimits(1 << 20, new NoonClock()));
        return await method.InvokeAsync(call, CancellationToken.None);
    }

    private sealed class UnreadAnswers : IServerStreamWriter<byte[]>
    {
        public WriteOptions? WriteOptions { get; set; }

        public Task WriteAsync(byte[] message) => Task.CompletedTask;

        public Task WriteAsync(byte[] message, CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
