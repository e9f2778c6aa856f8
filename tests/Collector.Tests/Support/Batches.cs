using System.Text;
using Collector.Model;

namespace Collector.Tests.Support;

/// <summary>Some batches, for tests that don't care what is in them.</summary>
internal static class Batches
{
    public const ulong Noon = 1_795_435_200_000_000_000;

    private static readonly LogIdSequence _ids = new();

    public static RowBatch Of(int rows, string worker = "some-worker", RequestKey? key = null)
    {
        var body = new ByteBuffer(Unbounded.Instance);
        body.Append(Encoding.UTF8.GetBytes(worker));
        var batch = new RowBatch(body, Unbounded.Instance, Noon) { Key = key, FirstLogId = _ids.Reserve(rows, Noon) };
        var name = Slice.OfBody(0, body.Length);
        for (var i = 0; i < rows; i++)
        {
            batch.Add(new Row { Worker = name, CorrelationId = name, Message = name, TimestampNanos = Noon, Resource = -1 });
        }

        return batch;
    }
}
