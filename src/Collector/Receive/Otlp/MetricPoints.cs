using System.Text.Json;
using Collector.Model;
using Collector.Protobuf;
using Collector.Receive.Rows;
using static Collector.Receive.Otlp.MetricPoints.Part;

namespace Collector.Receive.Otlp;

/// <summary>Counts the data points of an Export request of metrics. Source: opentelemetry/proto/metrics/v1.</summary>
internal static class MetricPoints
{
    private static readonly MessageSchema _schema = new(
        [
            Many(MetricsRequest, 1, "resource_metrics", ResourceMetrics), Many(ResourceMetrics, 2, "scope_metrics", ScopeMetrics),
            Many(ScopeMetrics, 2, "metrics", Metric), Many(Metric, 5, "gauge", Data), Many(Metric, 7, "sum", Data),
            Many(Metric, 9, "histogram", Data), Many(Metric, 10, "exponential_histogram", Data), Many(Metric, 11, "summary", Data),
            Many(Data, 1, "data_points", Point), new FieldSpec((byte)Point, 3, "time_unix_nano", FieldKind.Fixed64),
        ],
        maxDepth: 6);

    internal enum Part : byte
    {
        MetricsRequest,
        ResourceMetrics,
        ScopeMetrics,
        Metric,
        Data,
        Point,
    }

    /// <summary>How many; null where it is no such request.</summary>
    public static long? Count(ReadOnlySpan<byte> message, bool isJson)
    {
        if (isJson)
        {
            return CountJson(message);
        }

        return WireCheck.Find(message, _schema, (byte)MetricsRequest) is null ? Count(message, Slice.OfBody(0, message.Length), MetricsRequest) : null;
    }

    private static long Count(ReadOnlySpan<byte> body, Slice message, Part part)
    {
        if (part == Point)
        {
            return 1;
        }

        var points = 0L;
        for (var reader = new WireReader(body, message); reader.Next();)
        {
            if (_schema.Find((byte)part, (uint)reader.Field) is { Kind: FieldKind.Message } field)
            {
                points += Count(body, reader.Payload, (Part)field.Child);
            }
        }

        return points;
    }

    private static long? CountJson(ReadOnlySpan<byte> json)
    {
        json = json[JsonTable.ByteOrderMarkOf(json)..];
        var (points, depth) = (0L, -1);
        try
        {
            for (var reader = new Utf8JsonReader(json, JsonTable.ReaderOptions); reader.Read();)
            {
                // An element of the list, and not what stands within it.
                points += depth >= 0 && reader.CurrentDepth == depth + 1 && reader.TokenType == JsonTokenType.StartObject ? 1 : 0;
                if (reader.TokenType == JsonTokenType.PropertyName && (reader.ValueTextEquals("dataPoints"u8) || reader.ValueTextEquals("data_points"u8)))
                {
                    depth = reader.CurrentDepth;
                }
                else if (reader.TokenType == JsonTokenType.EndArray && reader.CurrentDepth == depth)
                {
                    depth = -1;
                }
            }
        }
        catch (JsonException)
        {
            return null;
        }

        return points;
    }

    private static FieldSpec Many(Part owner, int number, string name, Part child) =>
        new((byte)owner, number, name, FieldKind.Message, (byte)child, IsRepeated: true);
}
