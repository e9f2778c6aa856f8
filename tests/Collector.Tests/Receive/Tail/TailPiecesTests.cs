using System.Text;
using Collector.Model;
using Collector.Pipeline.Queue;
using Collector.Pipeline.Spool;
using Collector.Receive.Request;
using Collector.Receive.Rows;
using Collector.Receive.Tail;
using Collector.Receive.TailStream;
using Collector.Tests.Receive.Otlp;
using Collector.Tests.Receive.TailStream;
using Collector.Tests.Support;

namespace Collector.Tests.Receive.Tail;

/// <summary>A large message of items or of events, whose rows are made anew piece by piece, is the same request.</summary>
public sealed class TailPiecesTests
{
    private static readonly TailDecoder _items = new(new MappingRules(), new LogIdSequence());
    private static readonly TailEventDecoder _events = new(new MappingRules(), new LogIdSequence());

    [Theory]
    [InlineData("array")]
    [InlineData("lines")]
    [InlineData("array with odd elements")]
    public void Items_are_the_same_rows_and_the_same_report(string form)
    {
        var message = Items(form, 6_000);
        using var whole = Decoded.Batch(message);
        using var large = Decoded.Batch(message);
        var (reportOfWhole, reportOfLarge) = (new TailReport(), new TailReport());

        _items.Decode(whole, Unbounded.Instance, reportOfWhole).Status.ShouldBe(DecodeStatus.Ok);
        _items.DecodeInPieces(large, reportOfLarge).Status.ShouldBe(DecodeStatus.Ok);

        large.InPieces().Count().ShouldBeGreaterThan(1);
        RowsOf(large).ShouldBe(RowsOf(whole));
        Encoding.UTF8.GetString(reportOfLarge.ToJson()).ShouldBe(Encoding.UTF8.GetString(reportOfWhole.ToJson()));
        ShouldComeBack(large, _items);
    }

    [Fact]
    public void What_is_no_JSON_far_behind_is_told_at_the_same_place()
    {
        byte[] message = [.. Items("array", 6_000)[..^1], .. "\n, oops"u8];
        using var whole = Decoded.Batch(message);
        using var large = Decoded.Batch(message);

        _items.DecodeInPieces(large, new TailReport()).ShouldBe(_items.Decode(whole, Unbounded.Instance, new TailReport()));
    }

    [Fact]
    public void Events_are_the_same_rows_and_those_that_are_known_are_left_out_each_time()
    {
        var body = new Proto();
        var random = new Random(1);
        for (ulong i = 1; i <= 9_000; i++)
        {
            // Some come twice, some leave a hole.
            var sequence = random.Next(60) == 0 ? i - 1 : i;
            body.Message(1, TailEvents.Event(Math.Max(1, sequence)).Message(7, new Proto().Text(1, "log").Text(2, $"\"line {i}\"")));
        }

        using var whole = Decoded.Batch(body.ToArray());
        using var large = Decoded.Batch(body.ToArray());
        foreach (var batch in new[] { whole, large })
        {
            batch.Stream = new StreamPart("s");
            using var call = TailEvents.Call();
            call.Check(TailEvents.Event());
            var result = batch == whole ? _events.Decode(batch, Unbounded.Instance, call) : _events.DecodeInPieces(batch, call);
            result.Status.ShouldBe(DecodeStatus.Ok);
        }

        large.InPieces().Count().ShouldBeGreaterThan(1);
        large.Count.ShouldBeInRange(8_000, 8_999);
        RowsOf(large).ShouldBe(RowsOf(whole));
        ShouldComeBack(large, _events);
    }

    [Fact]
    public void A_large_message_of_items_holds_no_more_than_itself_and_a_piece()
    {
        var lease = new ByteLease(new ByteBudget(128 << 20, TimeSpan.FromSeconds(5), TimeProvider.System));
        using var batch = Decoded.Batch(Items("array", 20_000), lease);

        _items.DecodeInPieces(batch, new TailReport()).Status.ShouldBe(DecodeStatus.Ok);

        lease.Held.ShouldBeLessThan(4 << 20, "the message itself is outside of it here");
    }

    private static void ShouldComeBack(RowBatch large, IRowPiecesFactory factory)
    {
        large.FirstLogId = new LogIdSequence().Reserve(large.Count, Otel.Noon);
        var payload = new byte[BatchCodec.LengthOf(large)];
        BatchCodec.Write(large, payload);

        using var again = BatchCodec.Read(payload, Unbounded.Instance, new RowPiecesFactories(factory)).ShouldNotBeNull();

        RowsOf(again).ShouldBe(RowsOf(large));
    }

    private static List<string> RowsOf(RowBatch batch)
    {
        var rows = new List<string>();
        foreach (var piece in batch.InPieces())
        {
            foreach (ref readonly var row in piece.Rows)
            {
                rows.Add($"{Text(row.Worker)}|{row.TimestampNanos}|{row.Kind}|{row.Level}|{Text(row.Message)}|{Text(row.Context)}");
            }

            string Text(Slice slice) => Encoding.UTF8.GetString(piece.Text(slice));
        }

        return rows;
    }

    private static byte[] Items(string form, int count)
    {
        var items = Enumerable.Range(0, count).Select(i => i % 50 == 7 && form.EndsWith("elements", StringComparison.Ordinal) ? $"{i}" : $$"""
            {"scriptName":"edge-{{i % 3}}","eventTimestamp":{{TailItems.Noon + i}},"logs":[{"level":"log","timestamp":{{TailItems.Noon + i}},"message":["line {{i}}"]}],"exceptions":[]}
            """.Trim());
        return Encoding.UTF8.GetBytes(form == "lines" ? string.Join('\n', items) : "[" + string.Join(',', items) + "]");
    }
}
