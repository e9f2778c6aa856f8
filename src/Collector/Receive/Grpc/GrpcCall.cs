using System.Net;
using Collector.Access;
using Collector.Model;
using Collector.Pipeline.Queue;
using Collector.Receive.Request;
using Grpc.Core;

namespace Collector.Receive.Grpc;

/// <summary>
/// One call: its messages in and out. Unary methods read one message and return one; a streaming method reads from
/// <see cref="Messages"/> until there are no more, and writes meanwhile. It reads the request's pipe past the library, so
/// that a message is counted as it comes; see <see cref="GrpcEndpoint"/>.
/// Source of the framing: github.com/grpc/grpc, doc/PROTOCOL-HTTP2.md.
/// </summary>
internal sealed class GrpcCall(HttpContext context, IServerStreamWriter<byte[]> answers, BodyLimits limits) : IRequestBody
{
    private readonly BodyReader _reader = new(context.Request.BodyReader, limits);

    public AccessKey? Key { get; } = context.Features.Get<AccessKey>();

    /// <summary>Whoever calls; null where that is not known.</summary>
    public IPAddress? Sender => context.Connection.RemoteIpAddress;

    /// <summary>The messages of a streaming call.</summary>
    public GrpcMessages Messages() => new(context.Request, limits) { Key = Key };

    /// <summary>
    /// Sends a message of a streaming call, one at a time. A caller that does not read keeps this waiting; it throws where
    /// the caller has left.
    /// </summary>
    public Task WriteAsync(byte[] message, CancellationToken cancellation) => answers.WriteAsync(message, cancellation);

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

        return await ReadMessageAsync(length, isCompressed, lease, cancellation);
    }

    private async ValueTask<(ReceiveResult Result, int Length, bool IsCompressed)> ReadPrefixAsync(
        CancellationToken cancellation)
    {
        using var prefix = new ByteBuffer(Unbounded.Instance, GrpcFrame.PrefixLength);
        if (await _reader.ReadExactlyAsync(prefix, GrpcFrame.PrefixLength, lease: null, cancellation) == BodyEnd.Short)
        {
            return prefix.Length == 0
                ? (ReceiveResult.Ok, 0, false)
                : (ReceiveResult.BadData($"the message's prefix is cut short: {prefix.Length} of 5 bytes"), 0, false);
        }

        var result = GrpcFrame.Parse(prefix.Written, context.Request, limits, out var frame);
        return (result, frame.Length, frame.IsCompressed);
    }

    private async ValueTask<(ReceiveResult Result, ByteBuffer? Message)> ReadMessageAsync(
        int length, bool isCompressed, ByteLease lease, CancellationToken cancellation)
    {
        var message = ByteBuffer.ForBody(lease);
        var result = ReceiveResult.Ok;
        try
        {
            var end = await _reader.ReadExactlyAsync(message, length, lease, cancellation);
            if (end != BodyEnd.Complete)
            {
                result = end == BodyEnd.NoMemory
                    ? ReceiveResult.NoMemory(lease)
                    : ReceiveResult.BadData($"the message is cut short: {message.Length} of {length} bytes");
            }
            else if (!await _reader.IsAtEndAsync(cancellation))
            {
                result = ReceiveResult.BadData($"more data follows the one message of {length} bytes");
            }
            else if (isCompressed)
            {
                (result, message) = Codings.Inflate(GrpcHeaders.CodingOf(context.Request)!.Alone, message, lease, limits.MaxBytes);
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
