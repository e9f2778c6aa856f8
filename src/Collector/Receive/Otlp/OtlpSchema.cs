using Collector.Protobuf;
using Collector.Receive.Rows;
using static Collector.Protobuf.FieldKind;
using static Collector.Receive.Otlp.OtlpMessage;

namespace Collector.Receive.Otlp;

/// <summary>The messages of OTLP's logs and traces.</summary>
internal enum OtlpMessage : byte
{
    LogsRequest,
    ResourceLogs,
    ScopeLogs,
    LogRecord,
    TracesRequest,
    ResourceSpans,
    ScopeSpans,
    Span,
    Event,
    Link,
    Status,
    Resource,
    Scope,
    KeyValue,
    Value,
    ArrayValue,
    KeyValueList,
}

/// <summary>The fields of OTLP that are known here, said once. What is not among them is passed over.</summary>
internal static class OtlpSchema
{
    private static readonly FieldSpec[] _fields =
    [
        Many(LogsRequest, 1, "resource_logs", ResourceLogs),
        One(ResourceLogs, Field.OwnerOfGroup, "resource", Resource),
        Many(ResourceLogs, Field.MembersOfGroup, "scope_logs", ScopeLogs),
        Leaf(ResourceLogs, Field.GroupSchemaUrl, "schema_url", Text),
        One(ScopeLogs, Field.OwnerOfGroup, "scope", Scope),
        Many(ScopeLogs, Field.MembersOfGroup, "log_records", OtlpMessage.LogRecord),
        Leaf(ScopeLogs, Field.GroupSchemaUrl, "schema_url", Text),

        Many(TracesRequest, 1, "resource_spans", ResourceSpans),
        One(ResourceSpans, Field.OwnerOfGroup, "resource", Resource),
        Many(ResourceSpans, Field.MembersOfGroup, "scope_spans", ScopeSpans),
        Leaf(ResourceSpans, Field.GroupSchemaUrl, "schema_url", Text),
        One(ScopeSpans, Field.OwnerOfGroup, "scope", Scope),
        Many(ScopeSpans, Field.MembersOfGroup, "spans", OtlpMessage.Span),
        Leaf(ScopeSpans, Field.GroupSchemaUrl, "schema_url", Text),

        Many(Resource, Field.ResourceAttributes, "attributes", KeyValue),
        Leaf(Resource, Field.ResourceDroppedAttributes, "dropped_attributes_count", Count),

        Leaf(Scope, Field.ScopeName, "name", Text),
        Leaf(Scope, Field.ScopeVersion, "version", Text),
        Many(Scope, Field.ScopeAttributes, "attributes", KeyValue),
        Leaf(Scope, Field.ScopeDroppedAttributes, "dropped_attributes_count", Count),

        Leaf(OtlpMessage.LogRecord, Field.LogTime, "time_unix_nano", Fixed64),
        Leaf(OtlpMessage.LogRecord, Field.LogObservedTime, "observed_time_unix_nano", Fixed64),
        Leaf(OtlpMessage.LogRecord, Field.LogSeverityNumber, "severity_number", Choice),
        Leaf(OtlpMessage.LogRecord, Field.LogSeverityText, "severity_text", Text),
        One(OtlpMessage.LogRecord, Field.LogBody, "body", Value),
        Many(OtlpMessage.LogRecord, Field.LogAttributes, "attributes", KeyValue),
        Leaf(OtlpMessage.LogRecord, Field.LogDroppedAttributes, "dropped_attributes_count", Count),
        Leaf(OtlpMessage.LogRecord, Field.LogFlags, "flags", Fixed32),
        Leaf(OtlpMessage.LogRecord, Field.LogTraceId, "trace_id", Id),
        Leaf(OtlpMessage.LogRecord, Field.LogSpanId, "span_id", Id),
        Leaf(OtlpMessage.LogRecord, Field.LogEventName, "event_name", Text),

        Leaf(OtlpMessage.Span, Field.SpanTraceId, "trace_id", Id),
        Leaf(OtlpMessage.Span, Field.SpanSpanId, "span_id", Id),
        Leaf(OtlpMessage.Span, Field.SpanTraceState, "trace_state", Text),
        Leaf(OtlpMessage.Span, Field.SpanParentSpanId, "parent_span_id", Id),
        Leaf(OtlpMessage.Span, Field.SpanName, "name", Text),
        Leaf(OtlpMessage.Span, Field.SpanKind, "kind", Choice),
        Leaf(OtlpMessage.Span, Field.SpanStart, "start_time_unix_nano", Fixed64),
        Leaf(OtlpMessage.Span, Field.SpanEnd, "end_time_unix_nano", Fixed64),
        Many(OtlpMessage.Span, Field.SpanAttributes, "attributes", KeyValue),
        Leaf(OtlpMessage.Span, Field.SpanDroppedAttributes, "dropped_attributes_count", Count),
        Many(OtlpMessage.Span, Field.SpanEvents, "events", Event),
        Leaf(OtlpMessage.Span, Field.SpanDroppedEvents, "dropped_events_count", Count),
        Many(OtlpMessage.Span, Field.SpanLinks, "links", Link),
        Leaf(OtlpMessage.Span, Field.SpanDroppedLinks, "dropped_links_count", Count),
        One(OtlpMessage.Span, Field.SpanStatus, "status", Status),
        Leaf(OtlpMessage.Span, Field.SpanFlags, "flags", Fixed32),

        Leaf(Event, Field.EventTime, "time_unix_nano", Fixed64),
        Leaf(Event, Field.EventName, "name", Text),
        Many(Event, Field.EventAttributes, "attributes", KeyValue),
        Leaf(Event, Field.EventDroppedAttributes, "dropped_attributes_count", Count),

        Leaf(Link, Field.LinkTraceId, "trace_id", Id),
        Leaf(Link, Field.LinkSpanId, "span_id", Id),
        Leaf(Link, Field.LinkTraceState, "trace_state", Text),
        Many(Link, Field.LinkAttributes, "attributes", KeyValue),
        Leaf(Link, Field.LinkDroppedAttributes, "dropped_attributes_count", Count),
        Leaf(Link, Field.LinkFlags, "flags", Fixed32),

        Leaf(Status, Field.StatusMessage, "message", Text),
        Leaf(Status, Field.StatusCode, "code", Choice),

        Leaf(KeyValue, Field.KeyValueKey, "key", Text),
        One(KeyValue, Field.KeyValueValue, "value", Value),

        Leaf(Value, Field.ValueString, "string_value", Text),
        Leaf(Value, Field.ValueBool, "bool_value", Bool),
        Leaf(Value, Field.ValueInt, "int_value", Integer),
        Leaf(Value, Field.ValueDouble, "double_value", Real),
        One(Value, Field.ValueArray, "array_value", ArrayValue),
        One(Value, Field.ValueMap, "kvlist_value", KeyValueList),
        Leaf(Value, Field.ValueBytes, "bytes_value", Bytes),

        Many(ArrayValue, Field.Members, "values", Value),
        Many(KeyValueList, Field.Members, "values", KeyValue),
    ];

    // Down to an attribute eight messages stand within each other, and three more for each nested value.
    public static MessageSchema Messages { get; } = new(
        _fields, 8 + (3 * ValueWriter.MaxDepth), nested: (byte)Value, maxNested: ValueWriter.MaxDepth);

    public static byte RequestOf(OtlpSignal signal) => (byte)(signal == OtlpSignal.Logs ? LogsRequest : TracesRequest);

    /// <summary>The field that takes the attributes of a message, if it has any.</summary>
    public static FieldSpec? AttributesOf(byte message) =>
        Array.Find(_fields, spec => spec.Owner == message && spec.Name == "attributes");

    private static FieldSpec One(OtlpMessage owner, int number, string name, OtlpMessage child) =>
        new((byte)owner, number, name, Message, (byte)child);

    private static FieldSpec Many(OtlpMessage owner, int number, string name, OtlpMessage child) =>
        new((byte)owner, number, name, Message, (byte)child, IsRepeated: true);

    private static FieldSpec Leaf(OtlpMessage owner, int number, string name, FieldKind kind) =>
        new((byte)owner, number, name, kind);
}
