using System.Net;
using Collector.Model;
using Collector.Pipeline.Queue;
using Collector.Receive.Request;

namespace Collector.Receive.Http;

/// <summary>The body of a plain HTTP request, compressed or not, of declared length or not.</summary>
/// <param name="request">Whose body it is.</param>
/// <param name="codings">Applied to it, in this order.</param>
/// <param name="limits">Bound its length.</param>
internal sealed class HttpBody(HttpRequest request, IReadOnlyList<Coding> codings, BodyLimits limits) : IRequestBody
{
    // A body of unknown length waits for this much; what it needs beyond it is taken at once or refused.
    private const int FirstShare = 64 * 1024;

    /// <summary>Whoever sent it; null where that is not known.</summary>
    public IPAddress? Sender => request.HttpContext.Connection.RemoteIpAddress;

    public async ValueTask<(ReceiveResult Result, ByteBuffer? Message)> ReadAsync(
        ByteLease lease, CancellationToken cancellation)
    {
        if (request.ContentLength > limits.MaxBytes)
        {
            return (ReceiveResult.TooLarge(limits.MaxBytes), null);
        }

        if (!await lease.ReserveAsync(BodyLimits.Expected(request.ContentLength ?? FirstShare), cancellation))
        {
            return (ReceiveResult.Overloaded("no memory became free for the request in time"), null);
        }

        var message = new ByteBuffer(lease, (int)(request.ContentLength ?? 0));
        var result = await FillAsync(message, cancellation);
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

    private async ValueTask<ReceiveResult> FillAsync(ByteBuffer message, CancellationToken cancellation)
    {
        try
        {
            var reader = new BodyReader(request.BodyReader, limits);
            return !await reader.ReadToEndAsync(message, limits.MaxBytes, cancellation) ? ReceiveResult.TooLarge(limits.MaxBytes)
                : message.Refused ? ReceiveResult.Overloaded("no memory is free for a body of this length")
                : ReceiveResult.Ok;
        }
        catch
        {
            message.Dispose();
            throw;
        }
    }
}
