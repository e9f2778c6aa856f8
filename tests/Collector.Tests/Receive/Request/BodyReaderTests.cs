using Collector.Model;
using Collector.Pipeline.Queue;
using Collector.Receive.Request;
using Collector.Tests.Receive.Grpc;
using Collector.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Collector.Tests.Receive.Request;

/// <summary>Memory is taken for bytes that have come, and those may not come too slowly.</summary>
public sealed class BodyReaderTests
{
    private const int Declared = 64 << 20;

    private readonly PipedRequest _request = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly ByteBudget _budget;
    private readonly ByteLease _lease;
    private readonly ByteBuffer _target;
    private readonly BodyReader _reader;

    public BodyReaderTests()
    {
        _budget = new ByteBudget(128 << 20, TimeSpan.FromSeconds(5), _clock);
        _lease = new ByteLease(_budget);
        _target = ByteBuffer.ForBody(_lease);
        _reader = new BodyReader(_request.Reader, new BodyLimits(Declared, _clock) { Budget = _budget });
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1_000)]
    [InlineData(100_000)]
    [InlineData(5_000_000)]
    public async Task A_declared_length_takes_nothing_and_what_has_come_twice_its_own_at_most(int come)
    {
        var reading = ReadAsync(Declared);
        foreach (var part in new byte[come].Chunk(50_000))
        {
            await _request.Writer.WriteAsync(part);
        }

        reading.IsCompleted.ShouldBeFalse();
        _budget.Used.ShouldBeInRange(come, Math.Min(come * 2L, come + (2 << 20)) + 16);
    }

    [Fact]
    public async Task What_has_come_is_what_was_sent_however_large_it_is_and_however_it_was_cut()
    {
        var sent = new byte[9_000_001];
        new Random(9).NextBytes(sent);
        var random = new Random(10);
        var reading = ReadAsync(declared: null);
        for (var start = 0; start < sent.Length;)
        {
            var length = Math.Min(random.Next(1, 400_000), sent.Length - start);
            await _request.Writer.WriteAsync(sent.AsMemory(start, length));
            start += length;
        }

        await _request.Writer.CompleteAsync();

        (await reading).ShouldBe(BodyEnd.Complete);
        _target.Written.SequenceEqual(sent).ShouldBeTrue();
        _target.Dispose();
        _lease.Settle();
        _budget.Used.ShouldBe(0);
    }

    [Fact]
    public async Task A_body_that_stalls_is_not_waited_for()
    {
        await _request.Writer.WriteAsync(new byte[10_000]);
        var reading = ReadAsync(Declared);

        _clock.Advance(BodyPace.Window);

        (await Should.ThrowAsync<TimeoutException>(reading)).Message.ShouldBe(BodyPace.Message);
    }

    [Theory]
    [InlineData(200, false)]
    [InlineData(300, true)]
    public async Task A_body_that_drips_goes_on_where_240_bytes_come_each_second(int bytesOfSecond, bool goesOn)
    {
        var reading = ReadAsync(Declared);
        for (var second = 0; second < 60 && !reading.IsCompleted; second++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            if (!reading.IsCompleted)
            {
                await _request.Writer.WriteAsync(new byte[bytesOfSecond]);
            }
        }

        (!reading.IsCompleted).ShouldBe(goesOn);
    }

    [Fact]
    public async Task The_time_in_which_the_sender_waits_for_our_memory_is_not_its_own()
    {
        var others = _budget.Fill(128 << 20);
        await _request.Writer.WriteAsync(new byte[1_000]);
        var reading = ReadAsync(Declared);
        _clock.Advance(TimeSpan.FromSeconds(4));
        others[..1].Free();
        await Eventually.IsSoAsync(() => _target.Length == 1_000, static () => "it was not read");

        _clock.Advance(TimeSpan.FromSeconds(4));
        reading.IsCompleted.ShouldBeFalse();
        _clock.Advance(TimeSpan.FromSeconds(2));

        await Should.ThrowAsync<TimeoutException>(reading);
    }

    [Fact]
    public async Task While_others_wait_for_memory_a_body_may_stall_since_they_may_hold_it_up()
    {
        _budget.Fill(128 << 20);
        var reading = ReadAsync(Declared);
        _clock.Advance(TimeSpan.FromSeconds(2));
        var other = new ByteLease(_budget).ReserveAsync(10, default).AsTask();

        _clock.Advance(TimeSpan.FromSeconds(3));
        reading.IsCompleted.ShouldBeFalse();
        _clock.Advance(TimeSpan.FromSeconds(2));
        (await other).ShouldBeFalse();
        await Eventually.IsSoAsync(
            () =>
            {
                _clock.Advance(TimeSpan.FromSeconds(1));
                return reading.IsCompleted;
            },
            static () => "it waits for ever");

        await Should.ThrowAsync<TimeoutException>(reading);
    }

    [Fact]
    public async Task A_body_that_no_memory_becomes_free_for_ends_so_and_holds_nothing()
    {
        _budget.Fill(128 << 20);
        await _request.Writer.WriteAsync(new byte[1_000]);
        var reading = ReadAsync(Declared);

        _clock.Advance(TimeSpan.FromSeconds(5));

        (await reading).ShouldBe(BodyEnd.NoMemory);
        _lease.Held.ShouldBe(0);
    }

    private Task<BodyEnd> ReadAsync(int? declared) => _reader.ReadToEndAsync(_target, declared, Declared, _lease, default).AsTask();
}
