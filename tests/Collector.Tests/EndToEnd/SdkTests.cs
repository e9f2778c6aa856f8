using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Collector.Tests.Support;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Collector.Tests.EndToEnd;

/// <summary>The real client: OpenTelemetry's .NET SDK against the real process, rows compared column by column.</summary>
public sealed partial class SdkTests(RunningCollector running) : IClassFixture<RunningCollector>
{
    private static readonly JsonSerializerOptions _indented = new()
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly CollectorProcess _collector = running.Process;

    [Theory]
    [InlineData(OtlpExportProtocol.Grpc)]
    [InlineData(OtlpExportProtocol.HttpProtobuf)]
    public async Task Logs_scopes_exceptions_and_activities_become_the_approved_rows(OtlpExportProtocol protocol)
    {
        var traceId = SendOneOfEach(protocol);

        var answer = await _collector.GetJsonAsync($"/api/correlations/{traceId}");

        answer.GetProperty("error_count").GetInt32().ShouldBe(3);
        var rows = answer.GetProperty("logs").EnumerateArray().Select(row => row).ToArray();
        // Both protocols must give the same rows: one approved file serves both.
        Mask(rows, traceId).ShouldMatchApproved(settings => settings
            .WithFilenameGenerator((_, _, type, extension) => $"SdkTests.rows.{type}.{extension}")
            .NoDiff());
    }

    private string SendOneOfEach(OtlpExportProtocol protocol)
    {
        var resource = ResourceBuilder.CreateEmpty().AddService("sdk-test", "shop", "1.2.3", autoGenerateServiceInstanceId: false);
        using var source = new ActivitySource($"Shop.{protocol}");
        using var tracing = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource(source.Name)
            .AddOtlpExporter(otlp => Configure(otlp, protocol, "traces")).Build();
        using var factory = LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Trace).AddOpenTelemetry(otel =>
        {
            otel.IncludeScopes = true;
            otel.IncludeFormattedMessage = true;
            otel.ParseStateValues = true;
            otel.SetResourceBuilder(resource).AddOtlpExporter(otlp => Configure(otlp, protocol, "logs"));
        }));
        var log = factory.CreateLogger("Shop.Orders");

        using var activity = source.StartActivity("POST /orders", ActivityKind.Server)!;
        activity.SetTag("http.request.method", "POST").SetTag("http.response.status_code", 500).SetTag("user.password", "hunter2");
        using (log.BeginScope(new Dictionary<string, object> { ["OrderId"] = 8123, ["Currency"] = "EUR" }))
        {
            OrderPlaced(log, 99.95, "café");
        }

        Throw(log, activity);
        activity.SetStatus(ActivityStatusCode.Error, "payment failed");
        return activity.TraceId.ToString();
    }

    private static void Throw(ILogger log, Activity activity)
    {
        try
        {
            throw new InvalidOperationException("no money");
        }
        catch (InvalidOperationException error)
        {
            PaymentFailed(log, error);
            activity.AddException(error);
        }
    }

    private void Configure(OtlpExporterOptions otlp, OtlpExportProtocol protocol, string signal)
    {
        otlp.Protocol = protocol;
        otlp.ExportProcessorType = ExportProcessorType.Batch;
        otlp.Endpoint = protocol == OtlpExportProtocol.Grpc
            ? new Uri($"http://{_collector.Grpc}")
            : new Uri($"http://{_collector.Http}/v1/{signal}");
    }

    // What differs from run to run: ids, times, and the stack's file paths.
    private static string Mask(JsonElement[] rows, string traceId)
    {
        var text = new StringBuilder();
        var order = rows.OrderBy(row => row.GetProperty("kind").GetString(), StringComparer.Ordinal)
            .ThenBy(row => row.GetProperty("message").GetString(), StringComparer.Ordinal);
        foreach (var row in order)
        {
            text.AppendLine(JsonSerializer.Serialize(row, _indented));
        }

        var masked = text.ToString().Replace(traceId, "(trace)", StringComparison.Ordinal);
        masked = Time().Replace(masked, "(time)");
        masked = Uuid().Replace(masked, "(uuid)");
        masked = SpanId().Replace(masked, "\"$1\": \"(span)\"");
        masked = Duration().Replace(masked, "\"wall_time_ms\": (duration)");
        masked = Stack().Replace(masked, "   at (frame)");
        return masked.Replace("Shop.Grpc", "Shop.(protocol)", StringComparison.Ordinal)
            .Replace("Shop.HttpProtobuf", "Shop.(protocol)", StringComparison.Ordinal);
    }

    [GeneratedRegex(@"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z")]
    private static partial Regex Time();

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")]
    private static partial Regex Uuid();

    [GeneratedRegex("\"(span_id|parent_span_id)\": \"[0-9a-f]{16}\"")]
    private static partial Regex SpanId();

    [GeneratedRegex(@"""wall_time_ms"": [0-9.E-]+")]
    private static partial Regex Duration();

    [GeneratedRegex(@"   at .*?(?=\\n|"")")]
    private static partial Regex Stack();

    [LoggerMessage(EventId = 7, EventName = "OrderPlaced", Level = LogLevel.Information, Message = "Order placed for {Total} at {Shop}")]
    private static partial void OrderPlaced(ILogger log, double total, string shop);

    [LoggerMessage(Level = LogLevel.Error, Message = "Payment failed")]
    private static partial void PaymentFailed(ILogger log, Exception error);
}
