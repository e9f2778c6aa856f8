using Collector.Model;
using Collector.Pipeline.Queue;
using Collector.Protobuf;
using Collector.Receive.Grpc;
using Collector.Receive.Request;
using Collector.Receive.TailStream;
using Collector.Tests.Receive.Grpc;
using Collector.Tests.Receive.Otlp;
using Collector.Tests.Support;
using Microsoft.Extensions.Time.Testing;
using static Collector.Tests.Receive.TailStream.TailEvents;

namespace Collector.Tests.Receive.TailStream;

public sealed class TailGatheringTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly PipedRequest _request = new();
    private readonly ByteBudget _budget;
    private readonly TailCall _call = Call();
    private readonly CancellationTokenSource _ended = new();
    private readonly TailGathering _gathering;

    public TailGatheringTests()
    {
        _budget = new ByteBudget(16 << 20, TimeSpan.FromSeconds(5), _clock);
        var messages = new GrpcMessages(_request.Request, new BodyLimits(1 << 20, _clock));
        _gathering = new TailGathering(messages, _call, _clock, TimeSpan.FromSeconds(5), _ended.Token);
    }

    [Fact]
    public async Task Events_go_on_when_the_first_has_waited_five_seconds()
    {
        var request = NextAsync();
        _clock.Advance(TimeSpan.FromHours(1));
        _budget.Used.ShouldBe(0, "a silent stream holds nothing");
        await SendAsync(Event(1));
        await SendAsync(Event(2));
        _clock.Advance(TimeSpan.FromSeconds(4.9));
        request.IsCompleted.ShouldBeFalse();

        _clock.Advance(TimeSpan.FromSeconds(0.1));

        (await request).ShouldBe([1UL, 2UL]);
        _gathering.IsOver.ShouldBeFalse();
    }

    [Fact]
    public async Task A_hundred_events_go_on_at_once_and_the_rest_with_the_next()
    {
        await SendAsync([.. Enumerable.Range(1, 130).Select(static i => Event((ulong)i))]);
        await _request.Writer.CompleteAsync();

        (await NextAsync()).Count.ShouldBe(100);
        (await NextAsync()).Count.ShouldBe(30);
        _gathering.IsOver.ShouldBeTrue();
        _gathering.End.ShouldBe(ReceiveResult.Ok);
    }

    [Fact]
    public async Task A_bad_event_ends_the_stream_behind_the_good_ones()
    {
        await SendAsync(Event(1), Event(2), Event(0), Event(3));

        (await NextAsync()).ShouldBe([1UL, 2UL]);

        _gathering.IsOver.ShouldBeTrue();
        _gathering.End.Message!.ShouldStartWith("the event behind sequence 2: sequence is 0");
    }

    [Fact]
    public async Task A_long_event_goes_by_itself_and_keeps_none_waiting()
    {
        await SendAsync(Event(1), Log(new string('x', 100_000)), Event(3));
        await _request.Writer.CompleteAsync();

        (await NextAsync()).ShouldBe([1UL]);
        (await NextAsync()).ShouldBe([1UL, 3UL], "the long one has a number that was there, which is not decided here");
    }

    [Fact]
    public async Task An_end_from_outside_hands_over_what_has_come()
    {
        var request = NextAsync();
        await SendAsync(Event(1));

        await _ended.CancelAsync();

        (await request).ShouldBe([1UL]);
        _gathering.IsOver.ShouldBeTrue();
    }

    [Fact]
    public async Task A_stream_that_breaks_off_within_a_message_says_so()
    {
        await SendAsync(Event(1));
        await _request.Writer.WriteAsync(Wire.Frame(Event(2).ToArray()).AsMemory(0, 9));
        await _request.Writer.CompleteAsync();

        (await NextAsync()).ShouldBe([1UL]);

        _gathering.End.Message.ShouldBe("the stream ends in the middle of a message, of which 9 bytes have come");
    }

    [Fact]
    public async Task Memory_that_does_not_become_free_ends_the_stream_and_holds_nothing()
    {
        _budget.Fill(16 << 20);
        await SendAsync(Event(1));
        var lease = new ByteLease(_budget);
        var reading = _gathering.ReadAsync(lease, default).AsTask();
        _clock.Advance(TimeSpan.FromSeconds(5));

        (await reading).Result.Status.ShouldBe(ReceiveStatus.Overloaded);

        lease.Settle();
        _budget.Used.ShouldBe(16 << 20);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_stream_that_breaks_or_stalls_within_a_long_event_holds_nothing(bool isCompressed)
    {
        foreach (var breaks in new[] { false, true })
        {
            using var half = new TailGatheringTests();
            var lease = new ByteLease(half._budget);
            var reading = await half.ReadHalfAsync(lease, isCompressed);
            half._budget.Used.ShouldBeGreaterThan(0);
            if (breaks)
            {
                await half._request.Writer.CompleteAsync(new IOException("broken"));
                await Should.ThrowAsync<IOException>(reading);
            }
            else
            {
                half._clock.Advance(BodyPace.Window);
                await Should.ThrowAsync<TimeoutException>(reading);
            }

            lease.Settle();
            half._budget.Used.ShouldBe(0);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_end_from_outside_within_a_long_event_ends_the_stream_without_it(bool isCompressed)
    {
        var lease = new ByteLease(_budget);
        var reading = await ReadHalfAsync(lease, isCompressed);

        await _ended.CancelAsync();

        var (result, message) = await reading;
        (result, message!.Length, _gathering.IsOver).ShouldBe((ReceiveResult.Ok, 0, true));
        message.Dispose();
        lease.Settle();
        _budget.Used.ShouldBe(0);
    }

    [Fact]
    public async Task A_compressed_event_that_no_memory_is_free_for_ends_the_stream_behind_those_before()
    {
        _request.Request.Headers["grpc-encoding"] = "gzip";
        var random = new byte[30_000];
        new Random(1).NextBytes(random);
        await SendAsync(Event(1));
        await _request.Writer.WriteAsync(Wire.Frame(Wire.Gzip(Event(2).Bytes(99, random).ToArray()), flag: 1));
        // Just enough for the first one.
        _budget.Fill((16 << 20) - 128);

        (await NextAsync()).ShouldBe([1UL]);

        _gathering.IsOver.ShouldBeTrue();
        _gathering.End.Status.ShouldBe(ReceiveStatus.Overloaded);
    }

    public void Dispose()
    {
        _call.Dispose();
        _ended.Dispose();
    }

    private async Task SendAsync(params Proto[] events) =>
        await _request.Writer.WriteAsync(events.SelectMany(static one => Wire.Frame(one.ToArray())).ToArray());

    // Of a long event only a half comes.
    private async Task<Task<(ReceiveResult Result, ByteBuffer? Message)>> ReadHalfAsync(ByteLease lease, bool isCompressed)
    {
        _request.Request.Headers["grpc-encoding"] = "gzip";
        var frame = Wire.Frame(new byte[100_000], flag: isCompressed ? (byte)1 : (byte)0);
        await _request.Writer.WriteAsync(frame.AsMemory(0, 50_000));
        var reading = _gathering.ReadAsync(lease, default).AsTask();
        reading.IsCompleted.ShouldBeFalse();
        return reading;
    }

    // The sequences of the next request's events.
    private async Task<List<ulong>> NextAsync()
    {
        var lease = new ByteLease(_budget);
        var (result, message) = await _gathering.ReadAsync(lease, default);
        lease.Settle();
        result.ShouldBe(ReceiveResult.Ok);
        using (message)
        {
            var found = new List<ulong>();
            for (var reader = new WireReader(message!.Written, Slice.OfBody(0, message.Length)); reader.Next();)
            {
                found.Add(EventFields.Read(message.Written, reader.Payload).Sequence);
            }

            return found;
        }
    }
}
