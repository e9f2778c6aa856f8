using Collector.Access;
using Collector.Pipeline.Queue;
using Collector.Receive.Request;
using Collector.Storage;

namespace Collector.Hosting;

/// <summary>
/// Every key once, with what is legal. Reads all of them and reports every mistake, unknown keys included, since a
/// misspelt key would silently be the default.
/// </summary>
internal static class Settings
{
    private const long KiB = 1L << 10;
    private const long MiB = 1L << 20;
    private const long GiB = 1L << 30;

    /// <summary>Returns the options and the mistakes, one line each; the options are of use only without mistakes.</summary>
    public static (CollectorOptions Options, IReadOnlyList<string> Mistakes) Load(IConfiguration configuration)
    {
        var options = new CollectorOptions();
        var read = new SettingsReader(configuration);

        read.Endpoint("Listen:Grpc", v => options.Listen.Grpc = v);
        read.Endpoint("Listen:Http", v => options.Listen.Http = v);
        read.Endpoint("Listen:Web", v => options.Listen.Web = v);
        read.Words("Listen:WebHosts", v => options.Listen.WebHosts = v, IsHost, "a host name without a port");

        read.Networks("Listen:TrustedProxies", v => options.Listen.TrustedProxies = v);

        read.FileOrEmpty("Tls:Certificate", v => options.Tls.Certificate = v);
        read.FileOrEmpty("Tls:Key", v => options.Tls.Key = v);
        read.FileOrEmpty("Tls:ClientCa", v => options.Tls.ClientCa = v);

        read.Choice<Acknowledge>("Ingest:Acknowledge", v => options.Ingest.Acknowledge = v);
        read.Words("Ingest:Keys", v => options.Ingest.Keys = v, IsKey, "printable ASCII without spaces, 8 to 512 characters");
        read.Words("Ingest:CorsOrigins", v => options.Ingest.CorsOrigins = v, IsOrigin, "* or scheme://host[:port], where host may begin with *.");
        read.Words("Ingest:CorrelationNames", v => options.Ingest.CorrelationNames = v, IsFieldName, FieldNameInWords);
        read.Words("Ingest:RequestNames", v => options.Ingest.RequestNames = v, IsFieldName, FieldNameInWords);
        read.Words("Ingest:CorsHeaders", v => options.Ingest.CorsHeaders = v, IsHeader, "* or the name of a header");
        read.Number("Ingest:MaxRequestBytes", v => options.Ingest.MaxRequestBytes = (int)v, KiB, GiB);
        read.Number("Ingest:MaxRowBytes", v => options.Ingest.MaxRowBytes = (int)v, KiB, 16 * MiB);
        read.Span("Ingest:RetryWindow", v => options.Ingest.RetryWindow = v, TimeSpan.Zero, TimeSpan.FromDays(1));

        read.Items("Auth:Keys", ReadKey, v => options.Auth.Keys = v);
        read.Span("Auth:SessionAge", v => options.Auth.SessionAge = v, TimeSpan.FromMinutes(1), TimeSpan.FromDays(90));

        read.Words("Redact:Headers", v => options.Redact.Headers = v, IsName, "a name of 1 to 256 characters");
        read.Words("Redact:HeaderParts", v => options.Redact.HeaderParts = v, IsName, "a name of 1 to 256 characters");
        read.Words("Redact:Attributes", v => options.Redact.Attributes = v, IsName, "a name of 1 to 256 characters");
        read.Words("Redact:QueryKeys", v => options.Redact.QueryKeys = v, IsName, "a name of 1 to 256 characters");

        read.Number("Queue:Capacity", v => options.Queue.Capacity = (int)v, 1, 1_000_000);
        read.Number("Queue:MaxBytes", v => options.Queue.MaxBytes = v, MiB, 64 * GiB);
        read.Choice<WhenFull>("Queue:WhenFull", v => options.Queue.WhenFull = v);

        read.Number("Batch:MaxRows", v => options.Batch.MaxRows = (int)v, 1, 100_000);
        read.Span("Batch:MaxDelay", v => options.Batch.MaxDelay = v, TimeSpan.Zero, TimeSpan.FromMinutes(1));
        read.Span("Batch:AckLinger", v => options.Batch.AckLinger = v, TimeSpan.Zero, TimeSpan.FromMinutes(1));

        read.Number("Retry:Attempts", v => options.Retry.Attempts = (int)v, 0, 20);
        read.Span("Retry:BaseDelay", v => options.Retry.BaseDelay = v, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(1));

        var spool = "";
        read.PathOrEmpty("Spool:Path", v => spool = v);
        read.Number("Spool:MaxBytes", v => options.Spool.MaxBytes = v, MiB, 1024 * GiB);

        read.Choice<StorageEngine>("Storage:Engine", v => options.Storage.Engine = v);
        read.Path("Storage:Path", v => options.Storage.Path = v);
        read.Number("Storage:SegmentRows", v => options.Storage.SegmentRows = (int)v, 1_000, 10_000_000);
        read.Number("Storage:SegmentBytes", v => options.Storage.SegmentBytes = v, MiB, 64 * GiB);
        read.Flag("Storage:TextIndex", v => options.Storage.TextIndex = v);

        read.Span("Retention:MaxAge", v => options.Retention.MaxAge = v, TimeSpan.FromHours(1), TimeSpan.FromDays(3650));
        read.NumberOrNone(
            "Retention:MaxBytes", v => options.Retention.MaxBytes = v, 16 * MiB, 1024 * 1024 * GiB, RetentionOptions.NoBound,
            "80 % of what the folder holds and what is free on its disk");

        read.Number("Limits:Connections", v => options.Limits.Connections = (int)v, 0, 1_000_000);
        read.Number("Limits:Streams", v => options.Limits.Streams = (int)v, 1, 1_000_000);
        read.Number("Limits:LiveReaders", v => options.Limits.LiveReaders = (int)v, 1, 100_000);
        read.Number("Limits:LiveBytes", v => options.Limits.LiveBytes = v, MiB, 16 * GiB);
        read.Number("Limits:AnswerBytes", v => options.Limits.AnswerBytes = v, MiB, 16 * GiB);
        read.Number("Limits:Questions", v => options.Limits.Questions = (int)v, 1, 1_000);
        read.Number("Limits:WaitingQuestions", v => options.Limits.WaitingQuestions = (int)v, 0, 100_000);

        read.Span("Query:Timeout", v => options.Query.Timeout = v, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(10));
        read.Url("Telemetry:OtlpEndpoint", v => options.Telemetry.OtlpEndpoint = v);
        read.Choice<TelemetryProtocol>("Telemetry:Protocol", v => options.Telemetry.Protocol = v);

        read.Span("Shutdown:Deadline", v => options.Shutdown.Deadline = v, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10));

        options.Spool.Path = spool.Length > 0 ? spool : Path.Combine(options.Storage.Path, "spool");
        read.RejectUnknown();
        CheckTogether(options, read);
        return (options, read.Mistakes);
    }

    private static KeyEntry ReadKey(SettingsReader read, string key)
    {
        var entry = new KeyEntry { Name = "" };
        read.Word(key + ":Name", v => entry = entry with { Name = v }, KeyEntry.IsName, $"1 to {KeyEntry.MaxNameLength} letters, digits, '.', '-' and '_'");
        read.Word(key + ":Sha256", v => entry = entry with { Sha256 = v }, static _ => true, "64 hexadecimal digits");
        read.Path(key + ":KeyFile", v => entry = entry with { KeyFile = Path.GetFullPath(v) });
        read.Word(
            key + ":Rights", v => entry = entry with { Rights = RightNames.TryParse(v, out var rights) ? rights : Rights.None },
            static v => RightNames.TryParse(v, out _), RightNames.Legal);
        read.Words(key + ":Services", v => entry = entry with { Services = v }, IsName, "a name of 1 to 256 characters, with * for any text");
        read.Number(key + ":RowsPerSecond", v => entry = entry with { RowsPerSecond = v }, 0, 1_000_000_000);
        read.Number(key + ":BytesPerSecond", v => entry = entry with { BytesPerSecond = v }, 0, 1024 * GiB);
        read.Time(key + ":Expires", v => entry = entry with { Expires = v });
        if (entry.Mistake() is { } mistake)
        {
            read.Mistake($"{key}: {mistake}.");
        }

        return entry;
    }

    private static void CheckTogether(CollectorOptions options, SettingsReader read)
    {
        if (options.Batch.AckLinger > options.Batch.MaxDelay)
        {
            read.Mistake("Batch:AckLinger", options.Batch.AckLinger.ToString(), "at most Batch:MaxDelay");
        }

        if (options.Tls.Certificate.Length > 0 != options.Tls.Key.Length > 0)
        {
            read.Mistake(options.Tls.Certificate.Length > 0 ? "Tls:Key: a file is needed, since Tls:Certificate is set." : "Tls:Certificate: a file is needed, since Tls:Key is set.");
        }

        if (options.Tls.Certificate.Length == 0 && options.Tls.ClientCa.Length > 0)
        {
            read.Mistake("Tls:ClientCa: it is of no use without Tls:Certificate and Tls:Key.");
        }

        if (options.Queue.MaxBytes < options.Ingest.MaxRequestBytes)
        {
            read.Mistake("Queue:MaxBytes", $"{options.Queue.MaxBytes}", "at least Ingest:MaxRequestBytes");
        }
    }

    private static bool IsKey(string key) => key.Length is >= 8 and <= 512 && key.All(c => c is > ' ' and < '\x7f');

    private const string FieldNameInWords = "the name of a field, with 1 to 64 letters or digits";

    private static bool IsFieldName(string name) => name.Length <= 128 && name.Count(char.IsLetterOrDigit) is >= 1 and <= 64;

    private static bool IsName(string name) => name.Length is >= 1 and <= 256;

    private static bool IsHost(string name) => Uri.CheckHostName(name) == UriHostNameType.Dns;

    private static bool IsHeader(string name) =>
        name.Length is >= 1 and <= 256 && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '*');

    private static bool IsOrigin(string origin)
    {
        // Of the host, only the first part may be any.
        var named = origin.Replace("://*.", "://any.", StringComparison.Ordinal);
        return origin == "*" || (!named.Contains('*', StringComparison.Ordinal) && Uri.TryCreate(named, UriKind.Absolute, out var uri)
            && uri.GetLeftPart(UriPartial.Authority).Equals(named, StringComparison.OrdinalIgnoreCase));
    }
}
