using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Collector.Hosting;

/// <summary>What a connection speaks.</summary>
internal enum Spoken
{
    Http1,
    Http2,
    Tls,
}

/// <summary>
/// Tells the protocol of a connection by its first bytes: HTTP/2 begins with <c>PRI</c>, as no method of HTTP/1 does, and TLS
/// with the number of a handshake.
/// </summary>
internal static class Preface
{
    // As long as Kestrel keeps a silent connection.
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(130);

    // RFC 8446, 5.1: content type "handshake".
    private const byte Handshake = 22;

    private static ReadOnlySpan<byte> Http2 => "PRI"u8;

    /// <summary>What it speaks; null where it closed, or said nothing for long. Nothing is taken from it.</summary>
    public static async ValueTask<Spoken?> ReadAsync(ConnectionContext connection, TimeProvider clock)
    {
        using var patience = new CancellationTokenSource(_patience, clock);
        var closing = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? CancellationToken.None;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, closing);
        try
        {
            return await ReadAsync(connection.Transport.Input, end.Token);
        }
        catch (Exception error) when (error is OperationCanceledException or IOException)
        {
            return null;
        }
    }

    private static async ValueTask<Spoken?> ReadAsync(PipeReader input, CancellationToken cancellation)
    {
        // Of bytes that were looked at, the next reader is told only with others behind them.
        for (var seen = 0L; ;)
        {
            var read = await input.ReadAsync(cancellation);
            var buffer = read.Buffer;
            var isKnown = buffer.Length >= Http2.Length || !IsBegun(buffer);
            if (!isKnown && !read.IsCompleted)
            {
                seen = buffer.Length;
                input.AdvanceTo(buffer.Start, buffer.End);
                continue;
            }

            Spoken? spoken = buffer.IsEmpty ? null
                : buffer.FirstSpan[0] == Handshake ? Spoken.Tls
                : isKnown && IsBegun(buffer.Slice(0, Math.Min(buffer.Length, Http2.Length))) ? Spoken.Http2
                : Spoken.Http1;
            input.AdvanceTo(buffer.Start, buffer.GetPosition(seen));
            return spoken;
        }
    }

    private static bool IsBegun(in ReadOnlySequence<byte> buffer)
    {
        Span<byte> first = stackalloc byte[Http2.Length];
        first = first[..(int)Math.Min(buffer.Length, first.Length)];
        buffer.Slice(0, first.Length).CopyTo(first);
        return Http2.StartsWith(first);
    }
}
