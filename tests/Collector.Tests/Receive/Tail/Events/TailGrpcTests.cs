using Collector.Diagnostics;
using Collector.Model;
using Collector.Pipeline;
using Collector.Receive;
using Collector.Receive.Grpc;
using Collector.Receive.Otlp;
using Collector.Receive.Otlp.Wire;
using Collector.Receive.Tail.Events;
using Collector.Tests.Receive.Grpc;
using Collector.Tests.Receive.Otlp;
using Collector.Tests.Support;
using static Collector.Tests.Receive.Tail.Events.TailEvents;

namespace Collector.Tests.Receive.Tail.Events;

/// <summary>The methods over a whole pipeline.</summary>
public sealed class TailGrpcTests : IDisposable
{
    private readonly TemporaryFolder _temporary = new();
    private readonly CollectorMetrics _metrics = new(TimeProvider.System);
    private readonly GatedStore _store = new();

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
        var stream = new TailGrpcStream(Export(pipes), TimeProvider.System, TimeSpan.FromSeconds(5), stopping.Token);
        var call = InvokeAsync(stream, Wire.Frame(new byte[100_000])[..50_000], isWhole: false);

        await stopping.CancelAsync();

        var outcome = (await call).Outcome;
        outcome.Status.ShouldBe(ReceiveStatus.Overloaded);
        outcome.Message!.ShouldContain("stopping");
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
        var answer = await InvokeAsync(new TailGrpcSend(Export(pipes)), Wire.Frame(batch.ToArray()), isWhole: true);
        answer.Outcome.ShouldBe(ReceiveResult.Ok);
        var reader = new WireReader(answer.Message, Slice.OfBody(0, answer.Message!.Length));
        reader.Next().ShouldBeTrue();
        return reader.Number;
    }

    private TailEventExport Export(Pipes pipes) => new(
        new TailEventDecoder(new OtlpRules(), new LogIdSequence()), pipes.Streams, pipes.Queue,
        new ByteBudget(16 << 20, TimeSpan.FromSeconds(5), TimeProvider.System), pipes.Ledger, _metrics, TimeProvider.System,
        new IngestOptions());

    private static async Task<GrpcAnswer> InvokeAsync(IGrpcMethod method, byte[] body, bool isWhole)
    {
        var request = new PipedRequest();
        await request.Writer.WriteAsync(body);
        if (isWhole)
        {
            await request.Writer.CompleteAsync();
        }

        var call = new GrpcCall(request.Request.HttpContext, new BodyLimits(1 << 20, TimeProvider.System));
        return await method.InvokeAsync(call, CancellationToken.None);
    }
}
