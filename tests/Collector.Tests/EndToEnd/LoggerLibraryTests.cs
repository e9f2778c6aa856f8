using System.Globalization;
using System.Text;
using System.Text.Json;
using Collector.Tests.Support;
using Microsoft.Extensions.Logging;
using NLog.Layouts;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Resources;
using Serilog;
using Serilog.Formatting.Compact;
using Serilog.Sinks.OpenTelemetry;

namespace Collector.Tests.EndToEnd;

/// <summary>
/// Real loggers of .NET at their defaults, through their own OTLP transport or as lines that a forwarder reads: what their user sees in
/// a console is what he finds by his own id.
/// </summary>
public sealed partial class LoggerLibraryTests(RunningCollector running) : IClassFixture<RunningCollector>
{
    private readonly CollectorProcess _collector = running.Process;
    private readonly string _id = $"corr-{Guid.NewGuid():N}";

    [Fact]
    public async Task Serilog_by_its_sink_is_found_by_its_property_and_says_what_it_rendered()
    {
        await using (var log = new LoggerConfiguration().MinimumLevel.Verbose().Enrich.WithProperty("CorrelationId", _id)
            .WriteTo.OpenTelemetry(sink =>
            {
                sink.Endpoint = $"http://{_collector.Http}";
                sink.Protocol = OtlpProtocol.HttpProtobuf;
                sink.ResourceAttributes = new Dictionary<string, object> { ["service.name"] = "serilog" };
            }).CreateLogger())
        {
            Write(log);
        }

        var rows = await RowsAsync(5);
        Texts(rows).ShouldBe(["debug: very little", "info: Search {User} by bob took 12.5 ms", "warn: null is null", "error: it failed", "error: the end"]);
        Attribute(rows[1], "Query").GetString().ShouldBe("{User}");
        Attribute(rows[1], "Elapsed").GetDouble().ShouldBe(12.5);
        rows[3].GetProperty("kind").GetString().ShouldBe("exception");
        Attribute(rows[3], "exception.message").GetString().ShouldBe("no money");
        rows[4].GetProperty("context").GetProperty("severity_text").GetString().ShouldBe("Fatal");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Serilogs_compact_lines_say_the_same_as_its_console(bool isRendered)
    {
        var lines = new LineSink(isRendered ? new RenderedCompactJsonFormatter() : new CompactJsonFormatter());
        await using (var log = new LoggerConfiguration().MinimumLevel.Verbose().Enrich.WithProperty("CorrelationId", _id)
            .WriteTo.Sink(lines).CreateLogger())
        {
            Write(log);
        }

        await SendLinesAsync(lines.Lines);

        var rows = await RowsAsync(5);
        // Rendered by Serilog, texts are quoted and nothing is called null.
        var (user, nothing) = isRendered ? ("\"bob\"", "null") : ("bob", "");
        Texts(rows).ShouldBe(
            ["debug: very little", $"info: Search {{User}} by {user} took 12.5 ms", $"warn: {nothing} is null", "error: it failed", "error: the end"]);
        rows[3].GetProperty("kind").GetString().ShouldBe("exception");
        rows[4].GetProperty("context").GetProperty("severity").GetString().ShouldBe("fatal");
    }

    [Fact]
    public async Task NLogs_json_layout_line_by_line_is_found_and_understood()
    {
        var layout = new JsonLayout
        {
            IncludeEventProperties = true,
            Attributes =
            {
                new JsonAttribute("time", "${date:universalTime=true:format=o}"), new JsonAttribute("level", "${level}"),
                new JsonAttribute("message", "${message}"), new JsonAttribute("exception", "${exception:format=tostring}"),
            },
        };
        var lines = new List<string>();
        void Log(NLog.LogLevel level, Exception? error, string message, params object?[] arguments)
        {
            var logged = NLog.LogEventInfo.Create(level, "Shop", error, CultureInfo.InvariantCulture, message, arguments);
            logged.Properties["CorrelationId"] = _id;
            lines.Add(layout.Render(logged));
        }

        Log(NLog.LogLevel.Trace, null, "very little");
        Log(NLog.LogLevel.Info, null, "Search {Query} by {User}", "{User}", "bob");
        Log(NLog.LogLevel.Warn, null, "slow");
        Log(NLog.LogLevel.Error, Thrown(), "it failed");
        Log(NLog.LogLevel.Fatal, null, "the end");
        await SendLinesAsync(lines);

        var rows = await RowsAsync(5);
        Texts(rows).ShouldBe(["debug: very little", "info: Search {User} by bob", "warn: slow", "error: it failed", "error: the end"]);
        rows[3].GetProperty("kind").GetString().ShouldBe("exception");
        rows[4].GetProperty("context").GetProperty("severity").GetString().ShouldBe("fatal");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Scopes_of_the_frameworks_logger_are_found_with_formatted_messages_and_without(bool isFormatted)
    {
        using (var factory = LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Trace).AddOpenTelemetry(otel =>
        {
            otel.IncludeScopes = true;
            otel.IncludeFormattedMessage = isFormatted;
            otel.SetResourceBuilder(ResourceBuilder.CreateEmpty().AddTelemetrySdk().AddService("framework")).AddOtlpExporter(otlp =>
            {
                otlp.Protocol = OtlpExportProtocol.Grpc;
                otlp.Endpoint = new Uri($"http://{_collector.Grpc}");
            });
        })))
        {
            var log = factory.CreateLogger("Shop");
            using var scope = log.BeginScope(new Dictionary<string, object> { ["CorrelationId"] = _id, ["RequestId"] = $"req-{_id}" });
            Little(log);
            Searched(log, "{User}", "bob", 12.5);
            Failed(log, Thrown());
            Ended(log);
        }

        var rows = await RowsAsync(4);
        Texts(rows).ShouldBe(["debug: very little", "info: Search {User} by bob took 12.5 ms", "error: it failed", "error: the end"]);
        rows[2].GetProperty("kind").GetString().ShouldBe("exception");
        Attribute(rows[2], "exception.type").GetString().ShouldBe("InvalidOperationException");
        rows[3].GetProperty("context").GetProperty("severity_number").GetInt32().ShouldBe(21);
        (await _collector.GetJsonAsync($"/api/correlations/req-{_id}")).GetProperty("logs").GetArrayLength().ShouldBe(4);
    }

    private static void Write(Serilog.Core.Logger log)
    {
        log.Verbose("very little");
        log.Information("Search {Query:l} by {User} took {Elapsed} ms", "{User}", "bob", 12.5);
        log.Warning("{Nothing} is null", (string?)null);
        log.Error(Thrown(), "it failed");
        log.Fatal("the end");
    }

    private static InvalidOperationException Thrown()
    {
        try
        {
            throw new InvalidOperationException("no money");
        }
        catch (InvalidOperationException error)
        {
            return error;
        }
    }

    // As a forwarder sends the lines of a file, without a time of their own.
    private async Task SendLinesAsync(IEnumerable<string> lines)
    {
        var request = JsonSerializer.Serialize(new
        {
            resourceLogs = new[] { new { scopeLogs = new[] { new { logRecords = lines.Select(static line => new { body = new { stringValue = line } }) } } } },
        });
        using var client = new HttpClient();
        using var content = new StringContent(request, Encoding.UTF8, "application/json");
        (await client.PostAsync(new Uri($"http://{_collector.Http}/v1/logs"), content)).EnsureSuccessStatusCode();
    }

    private async Task<JsonElement[]> RowsAsync(int count)
    {
        var answer = await _collector.GetJsonAsync($"/api/correlations/{_id}");
        JsonElement[] rows = [.. answer.GetProperty("logs").EnumerateArray()];
        rows.Length.ShouldBe(count);
        rows.ShouldAllBe(row => row.GetProperty("correlation_id").GetString() == _id);
        return rows;
    }

    private static IEnumerable<string> Texts(JsonElement[] rows) =>
        rows.Select(static row => $"{row.GetProperty("log_level").GetString()}: {row.GetProperty("message").GetString()}");

    private static JsonElement Attribute(JsonElement row, string name) => row.GetProperty("context").GetProperty("attributes").GetProperty(name);

    [LoggerMessage(Level = LogLevel.Trace, Message = "very little")]
    private static partial void Little(Microsoft.Extensions.Logging.ILogger log);

    [LoggerMessage(Level = LogLevel.Information, Message = "Search {Query} by {User} took {Elapsed} ms")]
    private static partial void Searched(Microsoft.Extensions.Logging.ILogger log, string query, string user, double elapsed);

    [LoggerMessage(Level = LogLevel.Error, Message = "it failed")]
    private static partial void Failed(Microsoft.Extensions.Logging.ILogger log, Exception error);

    [LoggerMessage(Level = LogLevel.Critical, Message = "the end")]
    private static partial void Ended(Microsoft.Extensions.Logging.ILogger log);

    private sealed class LineSink(Serilog.Formatting.ITextFormatter formatter) : Serilog.Core.ILogEventSink
    {
        public List<string> Lines { get; } = [];

        public void Emit(Serilog.Events.LogEvent logEvent)
        {
            using var text = new StringWriter(CultureInfo.InvariantCulture);
            formatter.Format(logEvent, text);
            Lines.Add(text.ToString());
        }
    }
}
