using System.Text;
using Collector.Model;
using Collector.Pipeline.Streams;
using Collector.Protobuf;

namespace Collector.Receive.TailStream;

/// <summary>Writes the message TailAck.</summary>
internal static class TailAck
{
    private const int Through = 1;
    private const int Dropped = 2;
    private const int First = 1;
    private const int Last = 2;
    private const int Reason = 3;

    public static byte[] Of(StreamProgress standing)
    {
        using var ack = new ByteBuffer(Unbounded.Instance);
        var writer = new WireWriter(ack);
        writer.Varint(Through, standing.Through);
        foreach (var (range, reason) in standing.Dropped)
        {
            var begin = writer.Begin(Dropped);
            writer.Varint(First, range.First);
            writer.Varint(Last, range.Last);
            writer.Bytes(Reason, Encoding.UTF8.GetBytes(reason));
            writer.End(begin);
        }

        return ack.Written.ToArray();
    }
}
