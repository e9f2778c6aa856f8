using System.Buffers.Binary;
using System.Globalization;
using Collector.Receive.Request;

namespace Collector.Receive.Grpc;

/// <summary>Writes what a call is answered: messages, and the status at the end.</summary>
internal static class GrpcAnswers
{
    /// <summary>Writes a message's frame; the caller flushes.</summary>
    public static void Write(HttpResponse response, byte[] message)
    {
        SetHeaders(response);
        var frame = response.BodyWriter.GetMemory(GrpcFrame.PrefixLength + message.Length);
        frame.Span[0] = 0;
        BinaryPrimitives.WriteUInt32BigEndian(frame.Span[1..], (uint)message.Length);
        message.CopyTo(frame.Span[GrpcFrame.PrefixLength..]);
        response.BodyWriter.Advance(GrpcFrame.PrefixLength + message.Length);
    }

    public static async ValueTask EndAsync(HttpContext context, GrpcAnswer answer)
    {
        var response = context.Response;
        if (!answer.Outcome.IsOk)
        {
            EndWithStatus(response, answer.Outcome);
            return;
        }

        if (answer.Message is { } message)
        {
            DuplicateHeader.Set(response, answer.Outcome);
            Write(response, message);
        }
        else
        {
            SetHeaders(response);
        }

        response.AppendTrailer("grpc-status", "0");
        await response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    /// <summary>Where nothing was sent yet, the headers are the trailers.</summary>
    public static void EndWithStatus(HttpResponse response, ReceiveResult result)
    {
        var (code, _, retry) = ReceiveStatusTable.Of(result.Status);
        var message = result.Message ?? "";
        SetHeaders(response);
        End(response, "grpc-status", ((int)code).ToString(CultureInfo.InvariantCulture));
        End(response, "grpc-message", GrpcMessage.Encode(message));
        End(response, "grpc-status-details-bin",
            Convert.ToBase64String(StatusMessage.ToProto(code, message, retry && code == GrpcStatus.Unavailable)));
    }

    private static void End(HttpResponse response, string name, string value)
    {
        if (response.HasStarted)
        {
            response.AppendTrailer(name, value);
        }
        else
        {
            response.Headers[name] = value;
        }
    }

    private static void SetHeaders(HttpResponse response)
    {
        if (!response.HasStarted)
        {
            response.ContentType = "application/grpc";
            response.Headers["grpc-accept-encoding"] = GrpcEncoding.Accepted;
        }
    }
}
