namespace Collector.Hosting;

/// <summary>TLS of all listeners: files in PEM, which count again when they change.</summary>
internal sealed class TlsOptions
{
    /// <summary>The certificate, with those between it and its root behind it. Empty (default): no TLS.</summary>
    public string Certificate { get; set; } = "";

    /// <summary>Its private key, not encrypted.</summary>
    public string Key { get; set; } = "";

    /// <summary>Authorities that sign producers' certificates. If set, 4317 and 4318 ask for one. Default empty.</summary>
    public string ClientCa { get; set; } = "";
}
