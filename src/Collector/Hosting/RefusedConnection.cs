using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Collector.Limits;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Collector.Hosting;

/// <summary>
/// Tells a caller, in its own protocol and before it has asked, why its connection is closed: an answer of HTTP/1.1, or
/// GOAWAY with the reason, which gRPC clients show.
/// </summary>
internal static class RefusedConnection
{
    // RFC 9113, 6.5, 6.8 and 7.
    private const int FrameHeader = 9;
    private const byte Settings = 4;
    private const byte GoAway = 7;
    private const uint EnhanceYourCalm = 11;

    // For a request that is under way: a socket that is closed with bytes unread takes the answer with it.
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(1);

    /// <summary>Answers what a listener has marked as refused.</summary>
    /// <param name="listen">Of a port.</param>
    /// <param name="usual">What is spoken there as a rule: it is answered before its first byte.</param>
    /// <param name="clock">Times the wait for a caller that sends on.</param>
    public static void AnswerRefused(this Microsoft.AspNetCore.Server.Kestrel.Core.ListenOptions listen, HttpProtocols usual, TimeProvider clock) =>
        listen.Use(next => connection => connection.Features.Get<Refusal>() is { } refusal
            ? AnswerAsync(connection.Transport, TextOf(refusal, usual), clock)
            : next(connection));

    /// <summary>Tells a caller that this is no port of HTTP/2, and where it is.</summary>
    public static Task AnswerHttp2Async(ConnectionContext connection, string reason, TimeProvider clock) =>
        AnswerAsync(connection.Transport, GoAwayOf(reason), clock);

    /// <summary>Tells a caller that speaks HTTP/1, or whose person sees what came, why nothing else does.</summary>
    public static Task AnswerTextAsync(ConnectionContext connection, int status, string text, TimeProvider clock) =>
        AnswerAsync(
            connection.Transport,
            Encoding.ASCII.GetBytes($"HTTP/1.1 {status} Bad Request\r\nContent-Type: text/plain\r\nContent-Length: {text.Length + 1}\r\nConnection: close\r\n\r\n{text}\n"),
            clock);

    internal static byte[] TextOf(Refusal refusal, HttpProtocols protocols) =>
        protocols == HttpProtocols.Http2 ? GoAwayOf(refusal.Message) : HttpOf(refusal.Message);

    private static async Task AnswerAsync(IDuplexPipe transport, byte[] answer, TimeProvider clock)
    {
        using var patience = new CancellationTokenSource(_patience, clock);
        try
        {
            await transport.Output.WriteAsync(answer, patience.Token);
            await transport.Output.CompleteAsync();
            ReadResult read;
            do
            {
                read = await transport.Input.ReadAsync(patience.Token);
                transport.Input.AdvanceTo(read.Buffer.End);
            }
            while (!read.IsCompleted);
        }
        catch (Exception error) when (error is OperationCanceledException or IOException)
        {
            // It does not go by itself, or has gone.
        }
    }

    private static byte[] HttpOf(string detail)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(new { title = "Busy", status = StatusCodes.Status503ServiceUnavailable, detail });
        return
        [
            .. Encoding.ASCII.GetBytes(
                $"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\nContent-Length: {body.Length}\r\n"
                + "Retry-After: 5\r\nConnection: close\r\n\r\n"),
            .. body,
        ];
    }

    private static byte[] GoAwayOf(string reason)
    {
        var text = Encoding.ASCII.GetBytes(reason);
        var frames = new byte[FrameHeader + FrameHeader + 8 + text.Length];
        frames[3] = Settings;
        var goAway = frames.AsSpan(FrameHeader);
        BinaryPrimitives.WriteInt32BigEndian(goAway, (8 + text.Length) << 8);
        goAway[3] = GoAway;
        BinaryPrimitives.WriteUInt32BigEndian(goAway[(FrameHeader + 4)..], EnhanceYourCalm);
        text.CopyTo(goAway[(FrameHeader + 8)..]);
        return frames;
    }
}
