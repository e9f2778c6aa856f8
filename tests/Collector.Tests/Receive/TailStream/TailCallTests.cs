using Collector.Model;
using Collector.Pipeline.Ledger;
using Collector.Pipeline.Queue;
using Collector.Pipeline.Streams;
using Collector.Receive.Request;
using Collector.Receive.TailStream;
using Collector.Tests.Receive.Otlp;
using Collector.Tests.Support;
using static Collector.Tests.Receive.TailStream.TailEvents;

namespace Collector.Tests.Receive.TailStream;

public sealed class TailCallTests
{
    [Fact]
    public void The_first_event_names_the_stream_and_the_others_may()
    {
        using var call = Call();

        call.Check(Event(7, "one")).ShouldBe(ReceiveResult.Ok);
        call.Check(new Proto().Varint(2, 8)).ShouldBe(ReceiveResult.Ok);
        call.Check(Event(9, "one")).ShouldBe(ReceiveResult.Ok);
        call.StreamId.ShouldBe("one");
        Says(call, Event(10, "two")).ShouldBe("the event behind sequence 9: stream_id is another than 'one', which the call began with; legal are that and none");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(129)]
    public void A_stream_id_has_1_to_128_bytes(int length)
    {
        using var call = Call();
        Says(call, Event(1, new string('x', length))).ShouldStartWith($"the first event: stream_id has {length} bytes; legal are 1 to 128");
        call.Check(Event(1, new string('x', 128))).ShouldBe(ReceiveResult.Ok);
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(ulong.MaxValue)]
    public void A_sequence_begins_at_1(ulong sequence)
    {
        using var call = Call();
        Says(call, Event(sequence)).ShouldBe($"the first event: sequence is {sequence}; legal are 1 to 9223372036854775807");
    }

    [Fact]
    public void What_is_no_event_is_told_where()
    {
        using var call = Call();
        call.Check(Event(5)).ShouldBe(ReceiveResult.Ok);
        Says(call, new Proto().Text(2, "one")).ShouldBe("the event behind sequence 5: field 2 (sequence) has wire type 2 instead of 0 at offset 0");
    }

    [Fact]
    public void Events_that_skip_too_much_are_told_what_is_legal_and_those_before_are_kept()
    {
        using var call = Call();
        call.Check(Event(1)).ShouldBe(ReceiveResult.Ok);
        var part = new StreamPart("s");
        var sequence = 2UL;
        for (; call.TryAdd(part, sequence, "w"u8); sequence += 2)
        {
        }

        part.Ranges.Count.ShouldBe(256);
        call.Fault.Status.ShouldBe(ReceiveStatus.BadData);
        call.Fault.Message!.ShouldStartWith($"sequence {sequence} came while 256 ranges of the stream are missing, and no more may be; fill those first");
    }

    [Fact]
    public async Task A_call_that_repeats_what_another_brings_goes_on_until_that_has_ended()
    {
        var streams = new StreamTracker(new RowLedger(), new NoonClock());
        using var first = new TailCall(streams, isStream: true);
        using var again = new TailCall(streams, isStream: true);
        first.Check(Event(1)).ShouldBe(ReceiveResult.Ok);
        again.Check(Event(1)).ShouldBe(ReceiveResult.Ok);
        var part = new StreamPart("s");
        first.TryAdd(part, 1, "w"u8).ShouldBeTrue();
        again.TryAdd(new StreamPart("s"), 1, "w"u8).ShouldBeFalse();
        again.Complete();

        (await again.WaitAsync(CancellationToken.None)).ShouldBeTrue("it is under way");
        streams.End(part, IngestOutcome.Stored);

        (await again.WaitAsync(CancellationToken.None)).ShouldBeFalse();
        again.News()!.Through.ShouldBe(1UL);
    }

    private static string Says(TailCall call, Proto happened)
    {
        var result = call.Check(happened);
        result.Status.ShouldBe(ReceiveStatus.BadData);
        return result.Message!;
    }
}
