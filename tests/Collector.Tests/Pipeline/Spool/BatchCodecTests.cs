using Collector.Model;
using Collector.Pipeline.Spool;
using Collector.Tests.Support;

namespace Collector.Tests.Pipeline.Spool;

public sealed class BatchCodecTests
{
    [Fact]
    public void A_batch_comes_back_as_it_was()
    {
        var random = new Random(1);
        for (var i = 0; i < 200; i++)
        {
            using var batch = SomeBatches.Random(random);
            using var again = BatchCodec.Read(Encode(batch), Unbounded.Instance).ShouldNotBeNull();

            again.FirstLogId.ShouldBe(batch.FirstLogId);
            again.Key.ShouldBe(batch.Key);
            again.ReceivedNanos.ShouldBe(batch.ReceivedNanos);
            again.Body.Written.SequenceEqual(batch.Body.Written).ShouldBeTrue();
            again.Built.Written.SequenceEqual(batch.Built.Written).ShouldBeTrue();
            again.Resources.ShouldBe(batch.Resources);
            again.Rows.ToArray().ShouldBe(batch.Rows.ToArray());
            again.Producers.ShouldBe(batch.Producers);
            again.Stream?.StreamId.ShouldBe(batch.Stream!.StreamId);
            (again.Stream?.Ranges).ShouldBe(batch.Stream?.Ranges);
        }
    }

    [Fact]
    public void Damaged_bytes_are_refused_or_give_rows_within_their_batch()
    {
        var random = new Random(2);
        var read = 0;
        for (var i = 0; i < 5_000; i++)
        {
            using var batch = SomeBatches.Random(random);
            using var damaged = BatchCodec.Read(Damage(Encode(batch), random), Unbounded.Instance);
            if (damaged is not null)
            {
                read++;
                TouchEverything(damaged);
            }
        }

        read.ShouldBeInRange(500, 4_500, "some damages lie in text and show only in the checksum");
    }

    [Fact]
    public void A_batch_that_memory_is_refused_for_is_none_and_holds_nothing()
    {
        var random = new Random(3);
        for (var max = 0; max < 4_000; max += 50)
        {
            using var batch = SomeBatches.Random(random);
            var allowance = new CountingAllowance(max);

            BatchCodec.Read(Encode(batch), allowance)?.Dispose();

            allowance.Held.ShouldBe(0);
        }
    }

    private static byte[] Encode(RowBatch batch)
    {
        var bytes = new byte[(int)BatchCodec.LengthOf(batch)];
        BatchCodec.Write(batch, bytes);
        return bytes;
    }

    private static byte[] Damage(byte[] bytes, Random random)
    {
        switch (random.Next(4))
        {
            case 0:
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                return bytes;
            case 1:
                return bytes[..random.Next(bytes.Length)];
            case 2:
                return [.. bytes, .. new byte[random.Next(1, 50)]];
            default:
                random.NextBytes(bytes.AsSpan(random.Next(bytes.Length)));
                return bytes;
        }
    }

    private static void TouchEverything(RowBatch batch)
    {
        foreach (ref readonly var row in batch.Rows)
        {
            foreach (var slice in new[] { row.Worker, row.RequestId, row.CorrelationId, row.Message, row.Context, row.Outcome })
            {
                batch.Text(slice).Length.ShouldBe(slice.Length);
            }

            row.Resource.ShouldBeInRange(-1, batch.Resources.Count - 1);
        }

        foreach (var resource in batch.Resources)
        {
            batch.Text(resource).Length.ShouldBe(resource.Length);
        }
    }

    private sealed class CountingAllowance(long max) : IByteAllowance
    {
        public long Held { get; private set; }

        public bool TryTake(long bytes)
        {
            var fits = Held + bytes <= max;
            Held += fits ? bytes : 0;
            return fits;
        }

        public void GiveBack(long bytes) => Held -= bytes;
    }
}
