using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Collector.Commands;

/// <summary>
/// Connections of the commands. The certificate of these settings is taken under any name: on this machine Collector is
/// asked by its address, which is on no certificate. All others are checked as usual.
/// </summary>
internal static class OwnTrust
{
    /// <exception cref="IOException">The certificate can't be read.</exception>
    public static HttpMessageHandler NewHandler(CommandContext context)
    {
        var handler = new SocketsHttpHandler();
        if (context.Options.Tls.Certificate is { Length: > 0 } file && File.Exists(file))
        {
            var own = X509Certificate2.CreateFromPem(File.ReadAllText(file)).RawData;
            handler.SslOptions.RemoteCertificateValidationCallback = (_, shown, _, errors) =>
                errors == SslPolicyErrors.None || (shown is not null && shown.GetRawCertData().AsSpan().SequenceEqual(own));
        }

        return handler;
    }
}
