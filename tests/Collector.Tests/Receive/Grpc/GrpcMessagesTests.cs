using Collector.Model;
using Collector.Pipeline.Queue;
using Collector.Receive.Grpc;
using Collector.Receive.Request;
using Collector.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Collector.Tests.Receive.Grpc;

public sealed class GrpcMessagesTests
{
    private readonly PipedRequest _request = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly GrpcMessages _messages;

    public GrpcMessagesTests() => _messages = new GrpcMessages(_request.Request, new BodyLimits(1 << 20, _clock));

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(10_000)]
    public async Task Messages_come_whole_however_they_were_cut(int piece)
    {
        byte[][] sent = [.. new[] { 0, 1, 5, 300, 70_000, 2 }.Select(Bytes)];
        var all = sent.SelectMany(static message => Wire.Frame(message)).ToArray();
        var reading = ReadAllAsync();
        foreach (var part in all.Chunk(piece))
        {
            await _request.Writer.WriteAsync(part);
        }

        await _request.Writer.CompleteAsync();

        (await reading).ShouldBe(sent);
        _messages.IsAtEnd.ShouldBeTrue();
        _messages.Left.ShouldBe(0);
    }

    [Fact]
    public async Task Waiting_can_be_cancelled_and_nothing_is_lost()
    {
        var frame = Wire.Frame(Bytes(20));
        await _request.Writer.WriteAsync(frame.AsMemory(0, 12));
        await _messages.WaitAsync(default);
        for (var i = 0; i < 3; i++)
        {
            _messages.TryPeek(out _, out _).ShouldBeFalse();
            using var cancel = new CancellationTokenSource();
            var waiting = _messages.WaitAsync(cancel.Token).AsTask();
            await cancel.CancelAsync();
            await Should.ThrowAsync<OperationCanceledException>(waiting);
        }

        await _request.Writer.WriteAsync(frame.AsMemory(12));
        await _request.Writer.CompleteAsync();

        (await ReadAllAsync()).ShouldBe([Bytes(20)]);
    }

    [Fact]
    public async Task What_is_cut_short_shows()
    {
        await _request.Writer.WriteAsync(Wire.Frame(Bytes(20)).AsMemory(0, 12));
        await _request.Writer.CompleteAsync();

        (await ReadAllAsync()).ShouldBeEmpty();

        _messages.Left.ShouldBe(12);
    }

    [Fact]
    public async Task A_prefix_that_is_wrong_says_so()
    {
        await _request.Writer.WriteAsync(Wire.Frame([], flag: 7));
        await _messages.WaitAsync(default);

        _messages.TryPeek(out _, out var result).ShouldBeTrue();

        result.Message.ShouldBe("the message's compressed-flag is 7; legal are 0 and 1");
    }

    [Fact]
    public async Task A_stream_may_be_silent_for_as_long_as_it_likes_and_a_long_message_not()
    {
        var waiting = _messages.WaitAsync(default).AsTask();
        _clock.Advance(TimeSpan.FromHours(24));
        waiting.IsCompleted.ShouldBeFalse();
        await _request.Writer.WriteAsync(Wire.Frame(Bytes(100_000)).AsMemory(0, 1_000));
        await waiting;
        _messages.TryPeek(out var frame, out _).ShouldBeTrue();

        using var target = new ByteBuffer(Unbounded.Instance);
        var taking = _messages.TakeAsync(frame, target, Lease(), default).AsTask();
        _clock.Advance(TimeSpan.FromSeconds(31));

        await Should.ThrowAsync<TimeoutException>(taking);
    }

    [Fact]
    public async Task A_short_message_that_stalls_is_not_waited_for_either_however_it_drips()
    {
        var frame = Wire.Frame(Bytes(1_000));
        await _request.Writer.WriteAsync(frame.AsMemory(0, 6));
        await _messages.WaitAsync(default);
        for (var i = 6; i < 9; i++)
        {
            _messages.TryPeek(out _, out _).ShouldBeFalse();
            var waiting = _messages.WaitAsync(default).AsTask();
            _clock.Advance(TimeSpan.FromSeconds(1.5));
            await _request.Writer.WriteAsync(frame.AsMemory(i, 1));
            await waiting;
        }

        var last = _messages.WaitAsync(default).AsTask();
        _clock.Advance(TimeSpan.FromSeconds(1.5));

        await Should.ThrowAsync<TimeoutException>(last);
    }

    private static ByteLease Lease() => new(new ByteBudget(16 << 20, TimeSpan.FromSeconds(5), TimeProvider.System));

    private static byte[] Bytes(int length) => [.. Enumerable.Range(0, length).Select(static i => (byte)i)];

    private async Task<List<byte[]>> ReadAllAsync()
    {
        var read = new List<byte[]>();
        var bound = new LoopBound();
        while (bound.Holds())
        {
            while (_messages.TryPeek(out var frame, out var result))
            {
                result.ShouldBe(ReceiveResult.Ok);
                using var target = new ByteBuffer(Unbounded.Instance);
                (await _messages.TakeAsync(frame, target, Lease(), default)).ShouldBe(ReceiveResult.Ok);
                read.Add(target.Written.ToArray());
            }

            if (_messages.IsAtEnd)
            {
                return read;
            }

            await _messages.WaitAsync(default);
        }

        return read;
    }
}
