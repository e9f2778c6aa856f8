using Collector.Receive.TailStream;
using static Collector.Protobuf.FieldKind;
using static Collector.Protobuf.MessageType;
using OtlpSignal = Collector.Receive.Otlp.OtlpSignal;

namespace Collector.Protobuf;

/// <summary>
/// The OTLP messages that are known here, said once: the checker takes wire types and nesting from it, the JSON side
/// the names and forms. What is not in it is passed over. The messages of tail events are in the same table, so that the
/// same checker walks them.
/// </summary>
internal static class OtlpSchema
{
    /// <summary>AnyValues nested deeper than this are neither checked nor read nor written.</summary>
    public const int MaxValueDepth = 64;

    /// <summary>Messages within each other: those down to an attribute, three for each nested value.</summary>
    public const int MaxMessageDepth = 8 + (3 * MaxValueDepth);

    private const int Stride = 32;

    private static readonly FieldSpec[] _all =
    [
        Many(LogsRequest, 1, "resource_logs", ResourceLogs),
        One(ResourceLogs, Field.OwnerOfGroup, "resource", Resource),
        Many(ResourceLogs, Field.MembersOfGroup, "scope_logs", ScopeLogs),
        new(ResourceLogs, Field.GroupSchemaUrl, "schema_url", Text),
        One(ScopeLogs, Field.OwnerOfGroup, "scope", Scope),
        Many(ScopeLogs, Field.MembersOfGroup, "log_records", LogRecord),
        new(ScopeLogs, Field.GroupSchemaUrl, "schema_url", Text),

        Many(TracesRequest, 1, "resource_spans", ResourceSpans),
        One(ResourceSpans, Field.OwnerOfGroup, "resource", Resource),
        Many(ResourceSpans, Field.MembersOfGroup, "scope_spans", ScopeSpans),
        new(ResourceSpans, Field.GroupSchemaUrl, "schema_url", Text),
        One(ScopeSpans, Field.OwnerOfGroup, "scope", Scope),
        Many(ScopeSpans, Field.MembersOfGroup, "spans", Span),
        new(ScopeSpans, Field.GroupSchemaUrl, "schema_url", Text),

        Many(Resource, Field.ResourceAttributes, "attributes", KeyValue),
        new(Resource, Field.ResourceDroppedAttributes, "dropped_attributes_count", Count),

        new(Scope, Field.ScopeName, "name", Text),
        new(Scope, Field.ScopeVersion, "version", Text),
        Many(Scope, Field.ScopeAttributes, "attributes", KeyValue),
        new(Scope, Field.ScopeDroppedAttributes, "dropped_attributes_count", Count),

        new(LogRecord, Field.LogTime, "time_unix_nano", Fixed64),
        new(LogRecord, Field.LogObservedTime, "observed_time_unix_nano", Fixed64),
        new(LogRecord, Field.LogSeverityNumber, "severity_number", Choice),
        new(LogRecord, Field.LogSeverityText, "severity_text", Text),
        One(LogRecord, Field.LogBody, "body", Value),
        Many(LogRecord, Field.LogAttributes, "attributes", KeyValue),
        new(LogRecord, Field.LogDroppedAttributes, "dropped_attributes_count", Count),
        new(LogRecord, Field.LogFlags, "flags", Fixed32),
        new(LogRecord, Field.LogTraceId, "trace_id", Id),
        new(LogRecord, Field.LogSpanId, "span_id", Id),
        new(LogRecord, Field.LogEventName, "event_name", Text),

        new(Span, Field.SpanTraceId, "trace_id", Id),
        new(Span, Field.SpanSpanId, "span_id", Id),
        new(Span, Field.SpanTraceState, "trace_state", Text),
        new(Span, Field.SpanParentSpanId, "parent_span_id", Id),
        new(Span, Field.SpanName, "name", Text),
        new(Span, Field.SpanKind, "kind", Choice),
        new(Span, Field.SpanStart, "start_time_unix_nano", Fixed64),
        new(Span, Field.SpanEnd, "end_time_unix_nano", Fixed64),
        Many(Span, Field.SpanAttributes, "attributes", KeyValue),
        new(Span, Field.SpanDroppedAttributes, "dropped_attributes_count", Count),
        Many(Span, Field.SpanEvents, "events", Event),
        new(Span, Field.SpanDroppedEvents, "dropped_events_count", Count),
        Many(Span, Field.SpanLinks, "links", Link),
        new(Span, Field.SpanDroppedLinks, "dropped_links_count", Count),
        One(Span, Field.SpanStatus, "status", Status),
        new(Span, Field.SpanFlags, "flags", Fixed32),

        new(Event, Field.EventTime, "time_unix_nano", Fixed64),
        new(Event, Field.EventName, "name", Text),
        Many(Event, Field.EventAttributes, "attributes", KeyValue),
        new(Event, Field.EventDroppedAttributes, "dropped_attributes_count", Count),

        new(Link, Field.LinkTraceId, "trace_id", Id),
        new(Link, Field.LinkSpanId, "span_id", Id),
        new(Link, Field.LinkTraceState, "trace_state", Text),
        Many(Link, Field.LinkAttributes, "attributes", KeyValue),
        new(Link, Field.LinkDroppedAttributes, "dropped_attributes_count", Count),
        new(Link, Field.LinkFlags, "flags", Fixed32),

        new(Status, Field.StatusMessage, "message", Text),
        new(Status, Field.StatusCode, "code", Choice),

        new(KeyValue, Field.KeyValueKey, "key", Text),
        One(KeyValue, Field.KeyValueValue, "value", Value),

        new(Value, Field.ValueString, "string_value", Text),
        new(Value, Field.ValueBool, "bool_value", Bool),
        new(Value, Field.ValueInt, "int_value", Integer),
        new(Value, Field.ValueDouble, "double_value", Real),
        One(Value, Field.ValueArray, "array_value", ArrayValue),
        One(Value, Field.ValueMap, "kvlist_value", KeyValueList),
        new(Value, Field.ValueBytes, "bytes_value", Bytes),

        Many(ArrayValue, Field.Members, "values", Value),
        Many(KeyValueList, Field.Members, "values", KeyValue),

        .. TailSchema.All,
    ];

    private static readonly FieldSpec[][] _byMessage = GroupByMessage();
    private static readonly FieldSpec?[] _byNumber = PlaceByNumber();
    private static readonly FieldRule[] _rules =
        [.. _byNumber.Select(spec => spec is null ? default : new FieldRule(spec))];

    public static MessageType RequestOf(OtlpSignal signal) => signal == OtlpSignal.Logs ? LogsRequest : TracesRequest;

    public static ReadOnlySpan<FieldSpec> FieldsOf(MessageType message) => _byMessage[(int)message];

    public static FieldSpec? Find(MessageType message, uint field) =>
        field < Stride ? _byNumber[((int)message * Stride) + (int)field] : null;

    /// <summary>What the checker asks of every field, in four bytes.</summary>
    public static FieldRule RuleOf(MessageType message, uint field) =>
        field < Stride ? _rules[((int)message * Stride) + (int)field] : default;

    /// <summary>
    /// Whether a message is opened that stands in a value of this depth (0: in none). The checker and whoever comes behind
    /// it must agree: what stayed closed to it has bytes that nobody has looked at.
    /// </summary>
    public static bool CanOpen(MessageType child, int valueDepth) => child != Value || valueDepth < MaxValueDepth;

    /// <summary>The field that takes the attributes of a message, if it has any.</summary>
    public static FieldSpec? AttributesOf(MessageType message) =>
        Array.Find(_byMessage[(int)message], spec => spec.Name == "attributes");

    private static FieldSpec One(MessageType owner, int number, string name, MessageType child) =>
        new(owner, number, name, Message, child);

    private static FieldSpec Many(MessageType owner, int number, string name, MessageType child) =>
        new(owner, number, name, Message, child, IsRepeated: true);

    private static FieldSpec[][] GroupByMessage() =>
        [.. System.Enum.GetValues<MessageType>().Select(type => _all.Where(spec => spec.Owner == type).ToArray())];

    private static FieldSpec?[] PlaceByNumber()
    {
        var table = new FieldSpec?[System.Enum.GetValues<MessageType>().Length * Stride];
        foreach (var spec in _all)
        {
            table[((int)spec.Owner * Stride) + spec.Number] = spec;
        }

        return table;
    }
}
