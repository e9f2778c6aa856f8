namespace Collector.Receive.Otlp;

/// <summary>Field numbers of the OTLP messages, as the published .proto files give them.</summary>
internal static class Field
{
    public const int RequestResources = 1;

    // ResourceLogs, ResourceSpans; ScopeLogs, ScopeSpans.
    public const int OwnerOfGroup = 1;
    public const int MembersOfGroup = 2;
    public const int GroupSchemaUrl = 3;

    public const int ResourceAttributes = 1;
    public const int ResourceDroppedAttributes = 2;

    public const int ScopeName = 1;
    public const int ScopeVersion = 2;
    public const int ScopeAttributes = 3;
    public const int ScopeDroppedAttributes = 4;

    public const int LogTime = 1;
    public const int LogSeverityNumber = 2;
    public const int LogSeverityText = 3;
    public const int LogBody = 5;
    public const int LogAttributes = 6;
    public const int LogDroppedAttributes = 7;
    public const int LogFlags = 8;
    public const int LogTraceId = 9;
    public const int LogSpanId = 10;
    public const int LogObservedTime = 11;
    public const int LogEventName = 12;

    public const int SpanTraceId = 1;
    public const int SpanSpanId = 2;
    public const int SpanTraceState = 3;
    public const int SpanParentSpanId = 4;
    public const int SpanName = 5;
    public const int SpanKind = 6;
    public const int SpanStart = 7;
    public const int SpanEnd = 8;
    public const int SpanAttributes = 9;
    public const int SpanDroppedAttributes = 10;
    public const int SpanEvents = 11;
    public const int SpanDroppedEvents = 12;
    public const int SpanLinks = 13;
    public const int SpanDroppedLinks = 14;
    public const int SpanStatus = 15;
    public const int SpanFlags = 16;

    public const int EventTime = 1;
    public const int EventName = 2;
    public const int EventAttributes = 3;
    public const int EventDroppedAttributes = 4;

    public const int LinkTraceId = 1;
    public const int LinkSpanId = 2;
    public const int LinkTraceState = 3;
    public const int LinkAttributes = 4;
    public const int LinkDroppedAttributes = 5;
    public const int LinkFlags = 6;

    public const int StatusMessage = 2;
    public const int StatusCode = 3;

    public const int KeyValueKey = 1;
    public const int KeyValueValue = 2;

    public const int ValueString = 1;
    public const int ValueBool = 2;
    public const int ValueInt = 3;
    public const int ValueDouble = 4;
    public const int ValueArray = 5;
    public const int ValueMap = 6;
    public const int ValueBytes = 7;

    // ArrayValue, KeyValueList.
    public const int Members = 1;
}
