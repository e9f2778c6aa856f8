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

/// <summary>The method over a whole pipeline.</summary>
public sealed class TailGrpcSendTests : IDisposable
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
        again.IsCompleted.ShouldBeFalse("nothing is on disk yet");
        _store.Let(10);

        (await again).ShouldBe(3UL);
        (await first).ShouldBe(3UL);
        pipes.Total.ShouldBe(Counts.Of(6, stored: 3, duplicate: 3));
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
        var budget = new ByteBudget(16 << 20, TimeSpan.FromSeconds(5), TimeProvider.System);
        var decoder = new TailEventDecoder(new OtlpRules(), new LogIdSequence());
        var send = new TailGrpcSend(new TailEventExport(
            decoder, pipes.Streams, pipes.Queue, budget, pipes.Ledger, _metrics, TimeProvider.System, new IngestOptions()));
        var request = new PipedRequest();
        var batch = new Proto().Message(1, Event(1)).Message(1, Event(2)).Message(1, Event(3));
        await request.Writer.WriteAsync(Wire.Frame(batch.ToArray()));
        await request.Writer.CompleteAsync();

        var call = new GrpcCall(request.Request.HttpContext, new BodyLimits(1 << 20, TimeProvider.System));
        var answer = await send.InvokeAsync(call, CancellationToken.None);

        answer.Outcome.ShouldBe(ReceiveResult.Ok);
        var reader = new WireReader(answer.Message, Slice.OfBody(0, answer.Message!.Length));
        reader.Next().ShouldBeTrue();
        return reader.Number;
    }
}
