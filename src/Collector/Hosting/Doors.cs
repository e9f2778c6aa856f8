using System.Net;
using Collector.Access;
using Collector.Diagnostics;

namespace Collector.Hosting;

/// <summary>
/// Who may send and who may read, by the listeners' addresses: on loopback anybody, as long as no key has the right; beyond
/// it those with a key, and where there is none, one is made and shown once.
/// </summary>
internal sealed partial class Doors
{
    private const string Anybody = "anybody on this machine";
    private const string Holders = "whoever has a key";

    private readonly CollectorOptions _options;
    private readonly ILogger<Doors> _log;

    /// <exception cref="InvalidDataException">A file is no key or keys file.</exception>
    /// <exception cref="IOException">A file of keys can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A file of keys may not be read.</exception>
    public Doors(CollectorOptions options, TimeProvider clock, ILogger<Doors> log)
    {
        _options = options;
        _log = log;
        Keys = new KeyRing(options.Auth.Keys, options.Ingest.Keys, KeysFile.FolderIn(options.Storage.Path), clock, log);
        Sending = new AccessRule(Keys, Rights.Send, IsSendingLocal(options.Listen), clock);
        Reading = new AccessRule(Keys, Rights.Read, IsReadingLocal(options.Listen), clock);
    }

    public KeyRing Keys { get; }

    public AccessRule Sending { get; }

    public AccessRule Reading { get; }

    /// <summary>Only this machine reaches the ports of producers.</summary>
    public static bool IsSendingLocal(ListenOptions listen) => IPAddress.IsLoopback(listen.Grpc.Address) && IPAddress.IsLoopback(listen.Http.Address);

    /// <summary>Only this machine reaches the port of questions, and passes nobody's requests on to it.</summary>
    public static bool IsReadingLocal(ListenOptions listen) => IPAddress.IsLoopback(listen.Web.Address) && listen.TrustedProxies.Count == 0;

    /// <summary>Makes and shows the keys without which nobody could pass.</summary>
    /// <exception cref="IOException">One can't be kept.</exception>
    /// <exception cref="UnauthorizedAccessException">One may not be kept.</exception>
    public void MakeMissingKeys()
    {
        if (!IsSendingLocal(_options.Listen) && MadeKeys.MakeFor(Rights.Send, Keys, KeysFile.FolderIn(_options.Storage.Path)) is { } sender)
        {
            SenderMade(sender, Uri.EscapeDataString(File.ReadAllText(sender).Trim()));
        }

        if (!IsReadingLocal(_options.Listen) && MadeKeys.MakeFor(Rights.Read, Keys, KeysFile.FolderIn(_options.Storage.Path)) is { } admin)
        {
            AdminMade(LoginAddress(_options, _options.Listen.Web), File.ReadAllText(admin).Trim(), admin);
        }
    }

    /// <summary>Says who may do what, for whoever reads the log.</summary>
    public void Say(IPEndPoint grpc, IPEndPoint http, IPEndPoint web) =>
        WhoMay(grpc.ToString(), http.ToString(), Sending.IsOpen ? Anybody : Holders, web.ToString(), Reading.IsOpen ? Anybody : Holders);

    public AccessStatus Status() => new(
        Sending.IsOpen, Reading.IsOpen,
        [
            .. Keys.Keys.Select(static key => new KeyStatus(
                key.Name, key.Entry.Rights.ToText(), key.Entry.Services, key.Entry.Expires, key.Use.Count, key.Use.Last)),
        ]);

    // Of an address that means all of the machine's, a name that others may know it by.
    private static string LoginAddress(CollectorOptions options, IPEndPoint web) =>
        $"{(options.Tls.Certificate.Length > 0 ? "https" : "http")}://{(web.Address.Equals(IPAddress.Any) || web.Address.Equals(IPAddress.IPv6Any) ? $"{Environment.MachineName}:{web.Port}" : web.ToString())}{LoginEndpoint.Path}";

    [LoggerMessage(Level = LogLevel.Warning, Message = "Other machines reach the ports of producers, so a key to send was made; it stands in {File}, and this line appears once. For an SDK: OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20{Key}")]
    private partial void SenderMade(string file, string key);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Other machines reach the dashboard, so a key to read and administer was made. Log in at {Address} with {Key} (it stands in {File}, and this line appears once)")]
    private partial void AdminMade(string address, string key, string file);

    [LoggerMessage(Level = LogLevel.Information, Message = "To {Grpc} and {Http} may send: {Senders}. At {Web} may read: {Readers}")]
    private partial void WhoMay(string grpc, string http, string senders, string web, string readers);
}
