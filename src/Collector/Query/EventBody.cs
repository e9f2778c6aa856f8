using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Collector.Live;

namespace Collector.Query;

/// <summary>The body of a stream of server-sent events, in gzip for whoever takes that.</summary>
internal sealed class EventBody
{
    private readonly PipeWriter _body;
    private readonly bool _isGzip;
    private GzipSum _sum = GzipSum.None;

    private EventBody(HttpContext context, bool isGzip)
    {
        _body = context.Response.BodyWriter;
        _isGzip = isGzip;
        if (isGzip)
        {
            // Deflate, no name or time, an unknown system.
            _body.Write((ReadOnlySpan<byte>)[0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]);
        }
    }

    /// <summary>Bytes written since the last flush.</summary>
    public long Unflushed => _body.UnflushedBytes;

    /// <summary>Sets the answer's headers.</summary>
    public static EventBody Begin(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.ContentType = "text/event-stream";
        headers.Vary = "Accept-Encoding";
        headers["X-Accel-Buffering"] = "no";
        var isGzip = context.Request.Accepts("gzip");
        if (isGzip)
        {
            headers.ContentEncoding = "gzip";
        }

        return new EventBody(context, isGzip);
    }

    public void Write(ReadOnlySpan<byte> events)
    {
        if (_isGzip)
        {
            Write(GzipPart.Of(events));
        }
        else
        {
            _body.Write(events);
        }
    }

    public void Write(LiveEvents events)
    {
        if (_isGzip)
        {
            Write(events.Compressed);
        }
        else
        {
            _body.Write(events.Plain.Span);
        }
    }

    public async Task FlushAsync(CancellationToken cancellation) => await _body.FlushAsync(cancellation);

    /// <summary>Nothing follows.</summary>
    public void End()
    {
        if (_isGzip)
        {
            Span<byte> end = stackalloc byte[10];
            // An empty last block.
            (end[0], end[1]) = (3, 0);
            BinaryPrimitives.WriteUInt32LittleEndian(end[2..], _sum.Crc);
            BinaryPrimitives.WriteUInt32LittleEndian(end[6..], (uint)_sum.Length);
            _body.Write((ReadOnlySpan<byte>)end);
        }
    }

    private void Write(in GzipPart part)
    {
        _body.Write(part.Blocks.Span);
        _sum = _sum.Then(part.Sum);
    }
}
