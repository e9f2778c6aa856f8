using System.Buffers.Binary;
using Collector.Model;
using Collector.Pipeline;
using Microsoft.AspNetCore.Http;

namespace Collector.Receive.Grpc;

/// <summary>
/// One call: its messages in and out. Unary methods read one message; a streaming method calls
/// <see cref="ReadAsync"/> until there is no more.
/// Source of the framing: github.com/grpc/grpc, doc/PROTOCOL-HTTP2.md.
/// </summary>
internal sealed class GrpcCall(HttpContext context, BodyLimits limits) : IRequestBody
{
    public const int PrefixLength = 5;

    private readonly BodyReader _reader = new(context.Request.BodyReader, limits);

    public HttpContext Context => context;

    /// <summary>
    /// Reads the one message of a unary call: a prefix (a flag, four bytes of length), then the message, then the end.
    /// A body without any message is an empty message.
    /// </summary>
    public async ValueTask<(ReceiveResult Result, ByteBuffer? Message)> ReadAsync(
        ByteLease lease, CancellationToken cancellation)
    {
        var (result, length, isCompressed) = await ReadPrefixAsync(cancellation);
        if (!result.IsOk)
        {
            return (result, null);
        }

        if (!await lease.ReserveAsync(BodyLimits.Expected(length), cancellation))
        {
            return (ReceiveResult.Overloaded("no memory became free for the request in time"), null);
        }

        return await ReadMessageAsync(length, isCompressed, lease, cancellation);
    }

    private async ValueTask<(ReceiveResult Result, int Length, bool IsCompressed)> ReadPrefixAsync(
        CancellationToken cancellation)
    {
        using var prefix = new ByteBuffer(Unbounded.Instance, PrefixLength);
        if (!await _reader.ReadExactlyAsync(prefix, PrefixLength, cancellation))
        {
            return prefix.Length == 0
                ? (ReceiveResult.Ok, 0, false)
                : (ReceiveResult.BadData($"the message's prefix is cut short: {prefix.Length} of 5 bytes"), 0, false);
        }

        var flag = prefix.Written[0];
        var length = BinaryPrimitives.ReadUInt32BigEndian(prefix.Written[1..]);
        var result = length > limits.MaxBytes ? ReceiveResult.TooLarge(limits.MaxBytes)
            : flag > 1 ? ReceiveResult.BadData($"the message's compressed-flag is {flag}; legal are 0 and 1")
            : flag == 1 && !GrpcEncoding.IsGzip(context.Request) ? ReceiveResult.BadData(
                "the message is flagged as compressed, but grpc-encoding names no compression; legal is gzip")
            : ReceiveResult.Ok;
        return (result, (int)Math.Min(length, int.MaxValue), flag == 1);
    }

    private async ValueTask<(ReceiveResult Result, ByteBuffer? Message)> ReadMessageAsync(
        int length, bool isCompressed, ByteLease lease, CancellationToken cancellation)
    {
        var message = new ByteBuffer(lease, length);
        var result = ReceiveResult.Ok;
        try
        {
            if (!await _reader.ReadExactlyAsync(message, length, cancellation))
            {
                result = ReceiveResult.BadData($"the message is cut short: {message.Length} of {length} bytes");
            }
            else if (!await _reader.IsAtEndAsync(cancellation))
            {
                result = ReceiveResult.BadData($"more data follows the one message of {length} bytes");
            }
            else if (isCompressed)
            {
                (result, message) = Gzip.Inflate(message, lease, limits.MaxBytes);
            }
        }
        catch
        {
            message.Dispose();
            throw;
        }

        if (result.IsOk)
        {
            return (result, message);
        }

        message.Dispose();
        return (result, null);
    }
}
