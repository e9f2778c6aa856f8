using System.Buffers.Binary;
using System.Net;
using System.Text;
using System.Text.Json;
using Collector.Tail.V1;
using Google.Protobuf;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Resources;

namespace Collector.Commands;

/// <summary>A request that becomes one row, in the form of each protocol.</summary>
internal sealed record TestRecord(string Message, string CorrelationId, ulong Nanos)
{
    public const string Worker = "collector-send-test";

    // severity_number of OTLP: INFO.
    private const int Info = 9;

    /// <summary>As OpenTelemetry's own exporter writes it.</summary>
    public byte[] Protobuf()
    {
        using var body = new BodyHandler();
        var options = new OtlpExporterOptions
        {
            Protocol = OtlpExportProtocol.HttpProtobuf,
            // Not those of the environment.
            Headers = "",
            HttpClientFactory = () => new HttpClient(body, disposeHandler: false),
        };
        using (var logs = LoggerFactory.Create(logging => logging.AddOpenTelemetry(telemetry =>
        {
            telemetry.IncludeFormattedMessage = true;
            telemetry.SetResourceBuilder(ResourceBuilder.CreateEmpty().AddService(Worker, autoGenerateServiceInstanceId: false));
            telemetry.AddProcessor(new SimpleLogRecordExportProcessor(new OtlpLogExporter(options)));
        })))
        {
            KeyValuePair<string, object?>[] attributes = [new("correlation_id", CorrelationId)];
            logs.CreateLogger(Worker).Log(LogLevel.Information, default, attributes, null, (_, _) => Message);
        }

        return body.Bytes.Length > 0
            ? body.Bytes
            : throw new IOException("OpenTelemetry's exporter wrote nothing; is OTEL_SDK_DISABLED set?");
    }

    /// <summary>A message with gRPC's prefix: not compressed, and its length.</summary>
    public static byte[] GrpcFrame(byte[] message)
    {
        var frame = new byte[5 + message.Length];
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(1), (uint)message.Length);
        message.CopyTo(frame, 5);
        return frame;
    }

    public byte[] Json() => Encoding.UTF8.GetBytes($$$"""
        {"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"{{{Worker}}}"}}]},
        "scopeLogs":[{"logRecords":[{"timeUnixNano":"{{{Nanos}}}","severityNumber":{{{Info}}},
        "body":{"stringValue":"{{{JsonEncodedText.Encode(Message)}}}"},
        "attributes":[{"key":"correlation_id","value":{"stringValue":"{{{JsonEncodedText.Encode(CorrelationId)}}}"}}]}]}]}]}
        """);

    /// <summary>A line of the console, as <c>schema/tail.proto</c> has it.</summary>
    public byte[] TailBatch() => new TailBatch
    {
        Events =
        {
            new TailEvent
            {
                StreamId = CorrelationId,
                Sequence = 1,
                WorkerName = Worker,
                CorrelationId = CorrelationId,
                TimeUnixNano = Nanos,
                Log = new ConsoleLog { Level = "info", Arguments = { JsonSerializer.Serialize(Message) } },
            },
        },
    }.ToByteArray();

    /// <summary>A call of a Tail Worker with one invocation: a request that wrote nothing.</summary>
    public byte[] TailItems() => Encoding.UTF8.GetBytes($$$"""
        [{"event":{"request":{"method":"GET","url":"https://send-test.example/","headers":{"x-correlation-id":"{{{JsonEncodedText.Encode(CorrelationId)}}}"}},
        "response":{"status":200}},"eventTimestamp":{{{Nanos / 1_000_000}}},"scriptName":"{{{Worker}}}","outcome":"ok","logs":[],"exceptions":[]}]
        """);

    /// <summary>Keeps what the exporter would send, which goes out over each transport afterwards.</summary>
    private sealed class BodyHandler : HttpMessageHandler
    {
        public byte[] Bytes { get; private set; } = [];

        protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            using var body = new MemoryStream();
            request.Content!.CopyTo(body, null, cancellationToken);
            Bytes = body.ToArray();
            return new HttpResponseMessage(HttpStatusCode.OK);
        }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(Send(request, cancellationToken));
    }
}
