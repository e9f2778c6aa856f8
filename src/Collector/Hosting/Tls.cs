using System.Net;
using Collector.Limits;
using Collector.Pipeline.Ledger;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using KestrelListen = Microsoft.AspNetCore.Server.Kestrel.Core.ListenOptions;

namespace Collector.Hosting;

/// <summary>Puts TLS before a listener, where it is set up; who speaks the other way is told and counted.</summary>
/// <param name="certificates">Null: there is no TLS.</param>
/// <param name="door">Counts who is turned away.</param>
/// <param name="clock">The one source of time.</param>
internal sealed class Tls(TlsCertificates? certificates, DoorLedger door, TimeProvider clock)
{
    public bool IsOn => certificates is not null;

    /// <param name="listen">Of a port.</param>
    /// <param name="asksProducers">Whoever comes there may have to show a certificate.</param>
    public void AddTo(KestrelListen listen, bool asksProducers)
    {
        if (certificates is null)
        {
            return;
        }

        listen.Use(next => connection => FirstAsync(connection, next));
        listen.UseHttps(new TlsHandshakeCallbackOptions
        {
            OnConnection = _ => ValueTask.FromResult(certificates.Current(asksProducers)),
        });
    }

    /// <summary>Counts a connection with TLS that came to a port without.</summary>
    public void TurnAway(ConnectionContext connection) =>
        door.TurnAway(DoorReason.WrongScheme, (connection.RemoteEndPoint as IPEndPoint)?.Address, "TLS came to a port without (Tls:Certificate is not set)");

    private async Task FirstAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        if (connection.Features.Get<Refusal>() is not null)
        {
            // A handshake only to say that there is no place would cost more than the place.
            return;
        }

        switch (await Preface.ReadAsync(connection, clock))
        {
            case Spoken.Tls:
                await next(connection);
                break;
            case Spoken.Http1 or Spoken.Http2:
                door.TurnAway(DoorReason.WrongScheme, (connection.RemoteEndPoint as IPEndPoint)?.Address, "a connection without TLS came to a port with it");
                await RefusedConnection.AnswerTextAsync(connection, StatusCodes.Status400BadRequest, $"This port speaks TLS: {DoorReason.WrongScheme.Remedy()}.", clock);
                break;
        }
    }
}
