using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace Collector.Benchmarks.Load;

/// <summary>
/// One producer of tail events over one call. It sends on while no more than a window of events is unacknowledged, a
/// hundred to a write, and ends when the last one is.
/// </summary>
internal sealed class StreamLoad(IPEndPoint grpc, int number, long events, int window) : HttpContent
{
    private const int EventsPerWrite = 100;
    private const int PrefixLength = 5;

    private readonly SemaphoreSlim _room = new(window, window);
    private readonly TaskCompletionSource _allAcknowledged = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly byte[] _head = [.. Text(1, $"bench-{Guid.NewGuid()}"), .. Text(3, $"worker-{number}")];
    private long _acknowledged;

    public long Acknowledgements { get; private set; }

    public async Task RunAsync(HttpClient client)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"http://{grpc}/collector.tail.v1.TailService/Stream"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = this,
        };
        Headers.TryAddWithoutValidation("content-type", "application/grpc");
        request.Headers.TryAddWithoutValidation("te", "trailers");
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await ReadAcknowledgementsAsync(await response.Content.ReadAsStreamAsync());
        var status = response.TrailingHeaders.TryGetValues("grpc-status", out var values) ? values.First() : "none";
        if (status != "0" || _acknowledged < events)
        {
            throw new InvalidOperationException($"The stream ended with gRPC status {status} at {_acknowledged} of {events} events.");
        }
    }

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        var frames = new MemoryStream();
        for (long sequence = 1; sequence <= events; sequence++)
        {
            await _room.WaitAsync();
            Write(frames, sequence);
            if (sequence % EventsPerWrite == 0 || sequence == events)
            {
                await stream.WriteAsync(frames.GetBuffer().AsMemory(0, (int)frames.Length));
                await stream.FlushAsync();
                frames.SetLength(0);
            }
        }

        await _allAcknowledged.Task;
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    protected override void Dispose(bool disposing)
    {
        _room.Dispose();
        base.Dispose(disposing);
    }

    private void Write(MemoryStream frames, long sequence)
    {
        Span<byte> time = stackalloc byte[9];
        time[0] = (6 << 3) | 1;
        BinaryPrimitives.WriteUInt64LittleEndian(time[1..], Model.Timestamps.ToNanos(TimeProvider.System.GetUtcNow()));
        byte[] text = Text(2, $"\"order {sequence} of {number} was placed by a customer of some name\"");
        byte[] context = Text(3, $$"""{"order.id":{{sequence}},"order.total":99.5,"customer.tier":"gold","region":"eu-west-1"}""");
        byte[] log = Nested(7, [.. Text(1, sequence % 20 == 0 ? "warn" : "log"), .. text, .. context]);
        byte[] message = [.. _head, 2 << 3, .. Varint((ulong)sequence), .. Text(4, $"request-{sequence / 8}"), .. time, .. log];
        Span<byte> prefix = stackalloc byte[PrefixLength];
        BinaryPrimitives.WriteInt32BigEndian(prefix[1..], message.Length);
        frames.Write(prefix);
        frames.Write(message);
    }

    private async Task ReadAcknowledgementsAsync(Stream stream)
    {
        var prefix = new byte[PrefixLength];
        while (await stream.ReadAtLeastAsync(prefix, PrefixLength, throwOnEndOfStream: false) == PrefixLength)
        {
            var ack = new byte[BinaryPrimitives.ReadInt32BigEndian(prefix.AsSpan(1))];
            await stream.ReadExactlyAsync(ack);
            Acknowledgements++;
            var through = ack.Length > 0 && ack[0] == (1 << 3) ? Read(ack.AsSpan(1)) : 0;
            if (through > _acknowledged)
            {
                _room.Release((int)(through - _acknowledged));
                _acknowledged = through;
            }

            if (_acknowledged >= events)
            {
                _allAcknowledged.TrySetResult();
            }
        }
    }

    private static long Read(ReadOnlySpan<byte> varint)
    {
        var value = 0L;
        for (var i = 0; ; i++)
        {
            value |= (long)(varint[i] & 0x7F) << (7 * i);
            if (varint[i] < 0x80)
            {
                return value;
            }
        }
    }

    private static byte[] Text(int field, string text) => Nested(field, Encoding.UTF8.GetBytes(text));

    private static byte[] Nested(int field, byte[] value) => [(byte)((field << 3) | 2), .. Varint((ulong)value.Length), .. value];

    private static byte[] Varint(ulong value)
    {
        Span<byte> bytes = stackalloc byte[10];
        var length = 0;
        for (; value >= 0x80; value >>= 7)
        {
            bytes[length++] = (byte)(value | 0x80);
        }

        bytes[length++] = (byte)value;
        return bytes[..length].ToArray();
    }
}
