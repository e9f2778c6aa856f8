using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Collector.Tests.Access;

/// <summary>An authority of the test's own, and what it signs.</summary>
internal sealed class SomeCertificates : IDisposable
{
    private readonly string _folder;
    private readonly X509Certificate2 _authority;

    public SomeCertificates(string folder)
    {
        _folder = folder;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        _authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
        File.WriteAllText(Ca, _authority.ExportCertificatePem());
    }

    public string Ca => Path.Combine(_folder, "ca.pem");

    public string Certificate => Path.Combine(_folder, "server.pem");

    public string Key => Path.Combine(_folder, "server.key");

    /// <summary>Puts a new certificate of the server into the files; returns its serial number.</summary>
    public string Renew()
    {
        using var renewed = Sign("localhost");
        File.WriteAllText(Key, renewed.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(Certificate, renewed.ExportCertificatePem());
        return renewed.SerialNumber;
    }

    /// <summary>With its key.</summary>
    public X509Certificate2 Sign(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var signed = request.Create(
            _authority, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(10), RandomNumberGenerator.GetBytes(8));
        return signed.CopyWithPrivateKey(key);
    }

    /// <summary>Connections that trust the authority, and nobody else.</summary>
    /// <param name="client">Shown to the server; null: none.</param>
    /// <param name="seen">Told the serial number of what the server shows.</param>
    public SocketsHttpHandler Handler(X509Certificate2? client = null, Action<string>? seen = null) => new()
    {
        PooledConnectionLifetime = TimeSpan.Zero,
        AllowAutoRedirect = false,
        SslOptions =
        {
            ClientCertificates = client is null ? null : [client],
            CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
                CustomTrustStore = { _authority },
            },
            RemoteCertificateValidationCallback = (_, shown, _, errors) =>
            {
                seen?.Invoke(((X509Certificate2)shown!).SerialNumber);
                return errors == System.Net.Security.SslPolicyErrors.None;
            },
        },
    };

    public void Dispose() => _authority.Dispose();
}
