using Collector.Access;
using Collector.Diagnostics;
using Collector.Model;
using Collector.Pipeline.Ledger;
using Collector.Pipeline.Queue;
using Collector.Pipeline.Streams;
using Collector.Receive.Otlp;
using Collector.Receive.Request;
using Collector.Receive.Rows;
using Collector.Tests.Support;
using Microsoft.AspNetCore.Http;
using OtlpMessage = Collector.Tests.Support.OtlpMessage;

namespace Collector.Tests.Receive.Request;

/// <summary>Forwarders drop for good what is refused for good, so that is for what can never succeed.</summary>
public sealed class RequestHandlerTests : IDisposable
{
    private readonly NoonClock _clock = new();
    private readonly RowLedger _ledger = new();
    private readonly ByteBudget _budget;
    private readonly CollectorMetrics _metrics;
    private readonly RequestHandler _handler;

    public RequestHandlerTests()
    {
        _budget = new ByteBudget(16 << 20, TimeSpan.FromSeconds(5), _clock);
        _metrics = new CollectorMetrics(_clock);
        var books = new DeliveryBooks(_ledger, new DedupWindow(TimeSpan.Zero, _clock), new StreamTracker(_ledger, _clock), _clock);
        _handler = new RequestHandler(
            new IngestQueue(new QueueOptions(), books, new Signal()), _budget, _ledger, _metrics, _clock, new IngestOptions());
    }

    public void Dispose() => _metrics.Dispose();

    [Fact]
    public async Task An_error_that_nobody_foresaw_passes_and_is_final_when_the_same_bytes_end_so_again()
    {
        var decoder = new FailingDecoder(static () => new InvalidOperationException("a bug"));

        (await SendAsync(decoder, "a"u8)).Status.ShouldBe(ReceiveStatus.Failed);
        (await SendAsync(decoder, "b"u8)).Status.ShouldBe(ReceiveStatus.Failed, "it is another request");
        (await SendAsync(decoder, "a"u8)).Status.ShouldBe(ReceiveStatus.Internal);

        ReceiveStatusTable.Of(ReceiveStatus.Failed).ShouldBe((global::Grpc.Core.StatusCode.Unavailable, 503, true, "failed"));
        _ledger.Total().ShouldBe(Counts.Of(3, rejected: 1, refused: 2));
        _budget.Used.ShouldBe(0);
    }

    [Fact]
    public async Task Memory_that_runs_out_is_refused_however_often_and_counted_and_nothing_stays_held()
    {
        var decoder = new FailingDecoder(static () => new InsufficientMemoryException());

        for (var i = 0; i < 3; i++)
        {
            var result = await SendAsync(decoder, "a"u8);
            ReceiveStatusTable.Of(result.Status).IsRetryable.ShouldBeTrue();
        }

        _ledger.Read().ShouldHaveSingleItem().Reasons.ShouldHaveSingleItem().ShouldBe(new("out_of_memory", 3));
        _budget.Used.ShouldBe(0);
    }

    [Fact]
    public async Task Memory_that_runs_out_while_the_body_is_read_is_refused_too()
    {
        var result = await _handler.HandleAsync(
            new FailingDecoder(static () => new InvalidOperationException()), new FailingBody(new InsufficientMemoryException()), CancellationToken.None);

        result.Status.ShouldBe(ReceiveStatus.Overloaded);
        _ledger.Total().Refused.ShouldBe(1);
    }

    [Theory]
    [InlineData("slow", true)]
    [InlineData("cancelled", true)]
    [InlineData("undecodable", false)]
    public async Task A_body_that_ends_in_an_exception_is_counted_though_its_rows_are_unknown(string reason, bool isRefused)
    {
        Exception end = reason switch
        {
            "slow" => new TimeoutException("the body came too slowly"),
            "cancelled" => new IOException("reset"),
            _ => new BadHttpRequestException("a broken chunk"),
        };

        await Should.ThrowAsync<Exception>(async () =>
            await _handler.HandleAsync(new FailingDecoder(static () => new InvalidOperationException()), new FailingBody(end), CancellationToken.None));

        _ledger.Total().ShouldBe(isRefused ? Counts.Of(1, refused: 1) : Counts.Of(1, rejected: 1));
        _ledger.Read().ShouldHaveSingleItem().Reasons.ShouldHaveSingleItem().ShouldBe(new(reason, 1));
        _budget.Used.ShouldBe(0);
    }

    [Fact]
    public async Task A_request_that_asks_for_too_much_work_is_told_the_bound()
    {
        var records = new byte[200_000];
        for (var i = 0; i < records.Length; i += 2)
        {
            records[i] = 0x12;
        }

        var request = OtlpMessage.Bytes(1, OtlpMessage.Bytes(2, records));
        var decoder = new OtlpRequest(new OtlpDecoder(new MappingRules(), new LogIdSequence()), OtlpSignal.Logs, isJson: false);

        var result = await SendAsync(decoder, request);

        result.Status.ShouldBe(ReceiveStatus.BadData);
        result.Message.ShouldNotBeNull().ShouldContain($"more than {(8 * request.Length) + (1 << 20)} bytes, which is 8 times the length of the message");
        _budget.Used.ShouldBe(0);
    }

    [Fact]
    public async Task Nothing_is_kept_of_a_request_whose_caller_leaves_before_it_is_decoded()
    {
        using var left = new CancellationTokenSource();
        await left.CancelAsync();
        var decoder = new OtlpRequest(new OtlpDecoder(new MappingRules(), new LogIdSequence()), OtlpSignal.Logs, isJson: false);

        var result = await _handler.HandleAsync(decoder, new BytesBody(OtlpMessage.Logs("w", OtlpMessage.Record(Batches.Noon, "m"))), left.Token);

        result.Status.ShouldBe(ReceiveStatus.Cancelled);
        _ledger.Total().ShouldBe(Counts.Of(1, refused: 1));
        _budget.Used.ShouldBe(0);
    }

    private Task<ReceiveResult> SendAsync(IRequestDecoder decoder, ReadOnlySpan<byte> message) =>
        _handler.HandleAsync(decoder, new BytesBody(message.ToArray()), CancellationToken.None).AsTask();

    private sealed class FailingDecoder(Func<Exception> error) : IRequestDecoder
    {
        public RequestSignal Signal => RequestSignal.Logs;

        public DecodeResult Decode(RowBatch batch, ByteLease lease) => throw error();
    }

    private sealed class BytesBody(byte[] message, AccessKey? key = null) : IRequestBody
    {
        public AccessKey? Key => key;

        public async ValueTask<(ReceiveResult Result, ByteBuffer? Message)> ReadAsync(ByteLease lease, CancellationToken cancellation)
        {
            var body = ByteBuffer.ForBody(lease);
            (await lease.ReserveAsync(body.CostOf(message.Length), CancellationToken.None)).ShouldBeTrue();
            body.Append(message);
            return (ReceiveResult.Ok, body);
        }
    }

    private sealed class FailingBody(Exception error) : IRequestBody
    {
        public AccessKey? Key => null;

        public ValueTask<(ReceiveResult Result, ByteBuffer? Message)> ReadAsync(ByteLease lease, CancellationToken cancellation) =>
            throw error;
    }
}
