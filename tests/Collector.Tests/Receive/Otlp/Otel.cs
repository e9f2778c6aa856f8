namespace Collector.Tests.Receive.Otlp;

/// <summary>OTLP messages in the field numbers of the published .proto files.</summary>
internal static class Otel
{
    public const ulong Noon = 1_795_435_200_000_000_000;

    public static Proto String(string value) => new Proto().Text(1, value);

    public static Proto Bool(bool value) => new Proto().Varint(2, value ? 1 : 0);

    public static Proto Int(long value) => new Proto().Varint(3, value);

    public static Proto Double(double value) => new Proto().Fixed64(4, BitConverter.DoubleToUInt64Bits(value));

    public static Proto Bytes(params byte[] value) => new Proto().Bytes(7, value);

    public static Proto Array(params Proto[] values) =>
        new Proto().Message(5, values.Aggregate(new Proto(), (array, value) => array.Message(1, value)));

    public static Proto Map(params (string Key, Proto Value)[] members) => new Proto().Message(
        6, members.Aggregate(new Proto(), (map, member) => map.Message(1, KeyValue(member.Key, member.Value))));

    public static Proto KeyValue(string key, Proto value) => new Proto().Text(1, key).Message(2, value);

    /// <summary>A log record's attribute.</summary>
    public static Proto Attr(this Proto record, string key, Proto value) => record.Message(6, KeyValue(key, value));

    public static Proto Attr(this Proto record, string key, string value) => record.Attr(key, String(value));

    public static Proto Body(this Proto record, Proto value) => record.Message(5, value);

    public static Proto Body(this Proto record, string value) => record.Body(String(value));

    /// <summary>A span's attribute.</summary>
    public static Proto SpanAttr(this Proto span, string key, Proto value) => span.Message(9, KeyValue(key, value));

    public static Proto Log() => new Proto().Fixed64(1, Noon);

    public static Proto Span(string name = "work", int kind = 1) =>
        new Proto().Text(5, name).Varint(6, kind).Fixed64(7, Noon).Fixed64(8, Noon + 2_500_000);

    public static Proto Event(string name, params (string Key, Proto Value)[] attributes) =>
        attributes.Aggregate(
            new Proto().Fixed64(1, Noon + 1).Text(2, name),
            (message, attribute) => message.Message(3, KeyValue(attribute.Key, attribute.Value)));

    public static Proto Resource(params (string Key, Proto Value)[] attributes) =>
        attributes.Aggregate(
            new Proto(), (message, attribute) => message.Message(1, KeyValue(attribute.Key, attribute.Value)));

    /// <summary>A request with one resource and one scope; of logs and of traces alike.</summary>
    public static byte[] Request(params Proto[] records) =>
        RequestFrom(Resource(("service.name", String("shop"))), records);

    public static byte[] RequestFrom(Proto resource, params Proto[] records)
    {
        var scope = records.Aggregate(new Proto(), (group, record) => group.Message(2, record));
        return new Proto().Message(1, new Proto().Message(1, resource).Message(2, scope)).ToArray();
    }
}
