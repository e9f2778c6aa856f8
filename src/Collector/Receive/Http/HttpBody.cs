using System.Net;
using Collector.Access;
using Collector.Model;
using Collector.Pipeline.Queue;
using Collector.Receive.Request;

namespace Collector.Receive.Http;

/// <summary>The body of a plain HTTP request, compressed or not, of declared length or not.</summary>
/// <param name="request">Whose body it is.</param>
/// <param name="codings">Applied to it, in this order.</param>
/// <param name="key">That it came with; null where anybody may send.</param>
/// <param name="limits">Bound its length.</param>
internal sealed class HttpBody(HttpRequest request, IReadOnlyList<Coding> codings, AccessKey? key, BodyLimits limits) : IRequestBody
{
    public AccessKey? Key => key;

    /// <summary>Whoever sent it; null where that is not known.</summary>
    public IPAddress? Sender => request.HttpContext.Connection.RemoteIpAddress;

    public async ValueTask<(ReceiveResult Result, ByteBuffer? Message)> ReadAsync(
        ByteLease lease, CancellationToken cancellation)
    {
        if (request.ContentLength > limits.MaxBytes)
        {
            return (ReceiveResult.TooLarge(limits.MaxBytes), null);
        }

        var message = ByteBuffer.ForBody(lease);
        var result = await FillAsync(message, lease, cancellation);
        if (result.IsOk)
        {
            (result, message) = Codings.Inflate(codings, message, lease, limits.MaxBytes);
        }

        if (result.IsOk)
        {
            return (result, message);
        }

        message.Dispose();
        return (result, null);
    }

    private async ValueTask<ReceiveResult> FillAsync(ByteBuffer message, ByteLease lease, CancellationToken cancellation)
    {
        try
        {
            var reader = new BodyReader(request.BodyReader, limits);
            return await reader.ReadToEndAsync(message, (int?)request.ContentLength, limits.MaxBytes, lease, cancellation) switch
            {
                BodyEnd.Complete => ReceiveResult.Ok,
                BodyEnd.TooLong => ReceiveResult.TooLarge(limits.MaxBytes),
                _ => ReceiveResult.NoMemory(lease),
            };
        }
        catch
        {
            message.Dispose();
            throw;
        }
    }
}
