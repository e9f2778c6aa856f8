using System.Buffers;
using System.Text.Json;

namespace Collector.Receive.Tail;

/// <summary>What is said of a request's items: how many are kept, and why others are not.</summary>
internal sealed class TailReport
{
    // More of them say nothing new.
    private const int MaxReasons = 100;

    private readonly List<(int Index, string Reason)> _reasons = [];

    public int Accepted { get; private set; }

    public int Rejected { get; private set; }

    public void Accept() => Accepted++;

    /// <param name="index">Place in the array, from 0.</param>
    /// <param name="reason">English; names what was wrong and what is legal.</param>
    public void Reject(int index, string reason)
    {
        Rejected++;
        if (_reasons.Count < MaxReasons)
        {
            _reasons.Add((index, reason));
        }
    }

    public byte[] ToJson()
    {
        var target = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(target))
        {
            json.WriteStartObject();
            json.WriteNumber("accepted", Accepted);
            json.WriteNumber("rejected", Rejected);
            json.WriteStartArray("reasons");
            foreach (var (index, reason) in _reasons)
            {
                json.WriteStartObject();
                json.WriteNumber("index", index);
                json.WriteString("reason", reason);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return target.WrittenSpan.ToArray();
    }
}
