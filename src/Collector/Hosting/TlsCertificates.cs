using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Collector.Hosting;

/// <summary>
/// What is shown in TLS handshakes, and whom producers' certificates must be signed by. Files that change count within a
/// second, so that a certificate is renewed without a restart; while they can't be used, those from before stay. Safe for
/// any number of threads.
/// </summary>
internal sealed partial class TlsCertificates
{
    private static readonly TimeSpan _lookEvery = TimeSpan.FromSeconds(1);

    private readonly TlsOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly Lock _lock = new();
    private SslServerAuthenticationOptions _ofAll;
    private SslServerAuthenticationOptions _ofProducers;
    private string _seen;
    private long _lookedAt;

    /// <exception cref="InvalidDataException">A file is no certificate or key, or they don't belong together.</exception>
    /// <exception cref="IOException">A file can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be read.</exception>
    public TlsCertificates(TlsOptions options, TimeProvider clock, ILogger log)
    {
        _options = options;
        _clock = clock;
        _log = log;
        _seen = ReadFiles();
        (_ofAll, _ofProducers) = Parse();
        _lookedAt = clock.GetTimestamp();
    }

    /// <summary>For a handshake that begins now.</summary>
    /// <param name="asksProducers">It is on a port of producers, who may have to show a certificate.</param>
    public SslServerAuthenticationOptions Current(bool asksProducers)
    {
        Look();
        return Volatile.Read(ref asksProducers ? ref _ofProducers : ref _ofAll);
    }

    private void Look()
    {
        if (_clock.GetElapsedTime(Volatile.Read(ref _lookedAt)) < _lookEvery || !_lock.TryEnter())
        {
            return;
        }

        try
        {
            Volatile.Write(ref _lookedAt, _clock.GetTimestamp());
            var seen = ReadFiles();
            if (seen != _seen)
            {
                // Said once: a file that is wrong is tried again when it changes.
                _seen = seen;
                var (all, producers) = Parse();
                Volatile.Write(ref _ofAll, all);
                Volatile.Write(ref _ofProducers, producers);
                Changed(_options.Certificate);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            Unusable(error.Message);
        }
        finally
        {
            _lock.Exit();
        }
    }

    private string ReadFiles() => string.Join(
        '\n', new[] { _options.Certificate, _options.Key, _options.ClientCa }.Where(static path => path.Length > 0).Select(File.ReadAllText));

    private (SslServerAuthenticationOptions All, SslServerAuthenticationOptions Producers) Parse()
    {
        try
        {
            var own = WithKey();
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(_options.Certificate);
            var context = SslStreamCertificateContext.Create(own, chain, offline: true);
            return (Options(context), _options.ClientCa.Length == 0 ? Options(context) : AskingOptions(context));
        }
        catch (Exception error) when (error is CryptographicException or ArgumentException)
        {
            throw new InvalidDataException($"Tls:Certificate ({_options.Certificate}), Tls:Key and Tls:ClientCa can't be used: {error.Message}", error);
        }
    }

    private X509Certificate2 WithKey()
    {
        var own = X509Certificate2.CreateFromPemFile(_options.Certificate, _options.Key);
        if (!OperatingSystem.IsWindows())
        {
            return own;
        }

        // There a key that was never in a store can't be used.
        using (own)
        {
            return X509CertificateLoader.LoadPkcs12(own.Export(X509ContentType.Pkcs12), password: null);
        }
    }

    private SslServerAuthenticationOptions AskingOptions(SslStreamCertificateContext context)
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(_options.ClientCa);
        if (authorities.Count == 0)
        {
            throw new InvalidDataException($"Tls:ClientCa ({_options.ClientCa}) holds no certificate");
        }

        var asking = Options(context);
        asking.ClientCertificateRequired = true;
        asking.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        asking.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
        return asking;
    }

    private static SslServerAuthenticationOptions Options(SslStreamCertificateContext context) => new()
    {
        ServerCertificateContext = context,
        ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
        AllowRenegotiation = false,
    };

    [LoggerMessage(Level = LogLevel.Information, Message = "The certificate {File} has changed; new connections are shown it")]
    private partial void Changed(string file);

    [LoggerMessage(Level = LogLevel.Error, Message = "The files of TLS can't be used any more, and those from before stay in force: {Error}")]
    private partial void Unusable(string error);
}
