using System.Globalization;
using Collector.Model;
using Collector.Pipeline.Queue;
using Collector.Pipeline.Spool;
using Collector.Receive.Otlp;
using Collector.Receive.Request;
using Collector.Receive.Rows;
using Collector.Tests.Support;
using static Collector.Tests.Receive.Otlp.Otel;

namespace Collector.Tests.Receive.Otlp;

/// <summary>A large request, whose rows are made anew piece by piece, is the same request.</summary>
public sealed class PiecesTests
{
    private const ulong Noon = Otel.Noon;

    private static readonly OtlpDecoder _decoder = new(new MappingRules(), new LogIdSequence());

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Its_rows_its_key_and_its_producers_are_those_of_the_request_decoded_at_once(int seed)
    {
        var request = Some(seed);
        using var whole = Decoded.Batch(request);
        _decoder.Decode(OtlpSignal.Logs, whole).Status.ShouldBe(DecodeStatus.Ok);
        using var large = Large(request);

        RowsOf(large).ShouldBe(RowsOf(whole));
        large.InPieces().Count().ShouldBeGreaterThan(1);
        (large.Count, large.Key, large.HasUntimedRows, large.OddValues, large.LateRows, large.FutureRows)
            .ShouldBe((whole.Count, whole.Key, whole.HasUntimedRows, whole.OddValues, whole.LateRows, whole.FutureRows));
        ProducersOf(large).ShouldBe(ProducersOf(whole));
        large.Text(large.GroupOrder).SequenceEqual(whole.Text(whole.GroupOrder)).ShouldBeTrue();
        large.Times().ShouldBe(whole.Times());
    }

    [Fact]
    public void Each_time_its_rows_are_the_same_with_the_ids_that_they_were_given()
    {
        using var large = Large(Some(5));

        var first = IdsOf(large);
        IdsOf(large).ShouldBe(first);
        first.Distinct().Count().ShouldBe(first.Count);
    }

    [Fact]
    public void It_comes_back_from_the_spool_as_it_was_and_its_rows_are_not_there()
    {
        using var large = Large(Some(6));
        large.FirstLogId = new LogIdSequence().Reserve(large.Count, Noon);
        var payload = new byte[BatchCodec.LengthOf(large)];
        BatchCodec.Write(large, payload);

        payload.Length.ShouldBeLessThan(large.Body.Length + (200 * 1024));
        using var again = BatchCodec.Read(payload, Unbounded.Instance, _decoder).ShouldNotBeNull();

        (again.Count, again.Key, again.FirstLogId).ShouldBe((large.Count, large.Key, large.FirstLogId));
        IdsOf(again).ShouldBe(IdsOf(large));
        ProducersOf(again).ShouldBe(ProducersOf(large));
        BatchCodec.Read(payload, Unbounded.Instance).ShouldBeNull("nobody can make its rows");
        BatchCodec.Read(payload.AsSpan(0, payload.Length - 5), Unbounded.Instance, _decoder).ShouldBeNull("it is cut short");
    }

    [Fact]
    public void It_holds_no_more_than_its_message_and_a_piece()
    {
        var request = Some(7);
        var budget = new ByteBudget(128 << 20, TimeSpan.FromSeconds(5), TimeProvider.System);
        var lease = new ByteLease(budget);
        using (var batch = Decoded.Batch(request, lease))
        {
            _decoder.DecodeInPieces(OtlpSignal.Logs, batch).Status.ShouldBe(DecodeStatus.Ok);
            batch.Count.ShouldBeGreaterThan(10_000);
            lease.Settle();
            budget.Used.ShouldBeLessThan(1 << 20, "the message itself is outside of it here");
        }

        budget.Used.ShouldBe(0);
    }

    [Fact]
    public void A_request_whose_rows_fit_is_decoded_at_once_and_one_whose_rows_do_not_in_pieces()
    {
        var request = new OtlpRequest(_decoder, OtlpSignal.Logs, isJson: false);
        foreach (var (bytes, isInPieces) in new[] { (1L << 30, false), (8L << 20, true) })
        {
            var lease = new ByteLease(new ByteBudget(bytes, TimeSpan.FromSeconds(5), TimeProvider.System));
            using var batch = Decoded.Batch(Some(8), lease);

            request.Decode(batch, lease).Status.ShouldBe(DecodeStatus.Ok);

            (batch.Pieces is not null).ShouldBe(isInPieces);
        }
    }

    private static RowBatch Large(byte[] request)
    {
        var batch = Decoded.Batch(request);
        _decoder.DecodeInPieces(OtlpSignal.Logs, batch).Status.ShouldBe(DecodeStatus.Ok);
        return batch;
    }

    // Many workers, scopes with no rows, one and thousands, owners behind their groups, odd values, times that are missing.
    private static byte[] Some(int seed)
    {
        var random = new Random(seed);
        var request = new Proto();
        for (var left = 14_000; left > 0;)
        {
            var resource = new Proto();
            for (var scopes = random.Next(0, 4); scopes > 0; scopes--)
            {
                var rows = random.Next(4) switch { 0 => 0, 1 => 1, 2 => random.Next(2, 50), _ => random.Next(1_000, 6_000) };
                var scope = new Proto();
                for (var i = 0; i < rows; i++)
                {
                    scope.Message(2, Record(random, left - i));
                }

                resource.Message(2, random.Next(2) == 0 ? scope : scope.Message(1, new Proto().Text(1, $"scope {left}")));
                left -= rows;
            }

            request.Message(1, resource.Message(1, Resource(("service.name", String($"worker {random.Next(3)}")))));
        }

        return request.ToArray();
    }

    private static Proto Record(Random random, int number)
    {
        var record = new Proto().Body($"record {number}").Attr("number", Int(number));
        record = random.Next(50) == 0 ? record : record.Fixed64(1, Noon + (ulong)number);
        return random.Next(20) switch
        {
            0 => record.Varint(2, 99),
            1 => record.Attr("correlation_id", String($"order {number}")),
            2 => record.Attr("text", String(new string('x', random.Next(3_000)))),
            _ => record,
        };
    }

    // Without the ids that it gives, which are new each time a request is decoded.
    private static List<string> RowsOf(RowBatch batch) =>
        [.. batch.InPieces().SelectMany(static piece => Decoded.Read(new DecodeResult(DecodeStatus.Ok), piece).Rows).Select(static row =>
            RowText.Of([row with { CorrelationId = row.CorrelationId.StartsWith("order", StringComparison.Ordinal) ? row.CorrelationId : "new" }]))];

    private static List<string> IdsOf(RowBatch batch)
    {
        var ids = new List<string>();
        foreach (var piece in batch.InPieces())
        {
            for (var i = 0; i < piece.Count; i++)
            {
                var log = piece.FirstLogId.Plus(i);
                ids.Add(string.Create(CultureInfo.InvariantCulture, $"{log.High}.{log.Low} {System.Text.Encoding.UTF8.GetString(piece.Text(piece.Rows[i].CorrelationId))}"));
            }
        }

        return ids;
    }

    private static List<(string Worker, int Rows)> ProducersOf(RowBatch batch) =>
        [.. batch.Producers.Select(producer => (System.Text.Encoding.UTF8.GetString(batch.Text(producer.Worker)), producer.Rows))];
}
