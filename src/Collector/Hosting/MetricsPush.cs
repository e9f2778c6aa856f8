using Collector.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace Collector.Hosting;

/// <summary>Sends the metrics to an OTLP endpoint once a minute, and once more at the end.</summary>
internal sealed class MetricsPush : IDisposable
{
    private const int IntervalMilliseconds = 60_000;

    // The last push must not delay the exit of a process whose monitor is away.
    private const int LastPushMilliseconds = 3_000;

    private readonly MeterProvider _provider;

    public MetricsPush(Uri endpoint, TelemetryProtocol protocol, string version, ILogger log)
    {
        var isGrpc = protocol == TelemetryProtocol.Grpc;
        var exporter = new LoggedExporter(
            new OtlpExporterOptions
            {
                Protocol = isGrpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf,
                Endpoint = isGrpc ? endpoint : MetricsPathOf(endpoint),
            },
            log);
        _provider = Sdk.CreateMeterProviderBuilder()
            .AddMeter(CollectorMetrics.MeterName)
            .ConfigureResource(resource => resource.AddService("collector", serviceVersion: version))
            .AddReader(new PeriodicExportingMetricReader(exporter, IntervalMilliseconds))
            .Build();
    }

    /// <summary>Sends what there is; blocks for three seconds at most.</summary>
    /// <exception cref="TimeoutException">They were not sent within that.</exception>
    public void Finish()
    {
        if (!_provider.Shutdown(LastPushMilliseconds))
        {
            throw new TimeoutException("the last figures were not sent in time");
        }
    }

    public void Dispose() => _provider.Dispose();

    /// <summary>For the log: user info is a secret.</summary>
    internal static Uri WithoutUserInfo(Uri endpoint) =>
        endpoint.UserInfo.Length == 0 ? endpoint : new UriBuilder(endpoint) { UserName = "", Password = "" }.Uri;

    internal static Uri MetricsPathOf(Uri endpoint)
    {
        const string path = "/v1/metrics";
        var url = new UriBuilder(endpoint);
        url.Path = url.Path.EndsWith(path, StringComparison.Ordinal) ? url.Path : url.Path.TrimEnd('/') + path;
        return url.Uri;
    }
}

/// <summary>The SDK's exporter logs no failure; this one logs when failures begin and when they end.</summary>
internal sealed partial class LoggedExporter(OtlpExporterOptions options, ILogger log) : OtlpMetricExporter(options)
{
    private readonly Uri _endpoint = MetricsPush.WithoutUserInfo(options.Endpoint);
    private readonly ILogger _log = log;
    private bool _isFailing;

    /// <inheritdoc/>
    public override ExportResult Export(in Batch<Metric> batch)
    {
        var result = base.Export(batch);
        var isFailing = result != ExportResult.Success;
        if (isFailing && !_isFailing)
        {
            PushFailed(_endpoint);
        }
        else if (!isFailing && _isFailing)
        {
            PushWorks(_endpoint);
        }

        _isFailing = isFailing;
        return result;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Metrics can't be sent to {Endpoint}; it is tried again once a minute")]
    private partial void PushFailed(Uri endpoint);

    [LoggerMessage(Level = LogLevel.Information, Message = "Metrics are sent to {Endpoint} again")]
    private partial void PushWorks(Uri endpoint);
}
