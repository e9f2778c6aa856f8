using System.Text;

namespace Collector.Protobuf;

/// <summary>The messages of OTLP's logs and traces, and of tail events.</summary>
internal enum MessageType : byte
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
    TailBatch,
    TailEvent,
    TailLog,
    TailException,
    TailRequest,
    TailHeader,
    TailTiming,
}

/// <summary>The forms that a field's value takes; JSON knows more of them than the wire does.</summary>
internal enum FieldKind : byte
{
    Message,
    Text,
    Bytes,

    /// <summary>Bytes that JSON writes as hex.</summary>
    Id,
    Bool,
    Choice,
    Count,
    Integer,
    Real,
    Fixed32,
    Fixed64,
}

/// <summary>One field of one message.</summary>
/// <param name="Owner">The message that has the field.</param>
/// <param name="Number">Field number.</param>
/// <param name="Name">Name in the .proto file.</param>
/// <param name="Kind">Form of the value.</param>
/// <param name="Child">Type of the value where it is a message.</param>
/// <param name="IsRepeated">Several occurrences are several values; of a single message they are one, merged.</param>
internal sealed record FieldSpec(
    MessageType Owner, int Number, string Name, FieldKind Kind, MessageType Child = default, bool IsRepeated = false)
{
    /// <summary>Name in JSON.</summary>
    public string JsonName { get; } = ToCamelCase(Name);

    public byte[] NameUtf8 { get; } = Encoding.UTF8.GetBytes(Name);

    public byte[] JsonNameUtf8 { get; } = Encoding.UTF8.GetBytes(ToCamelCase(Name));

    public bool IsSingularMessage { get; } = Kind == FieldKind.Message && !IsRepeated;

    public WireType WireType { get; } = Kind switch
    {
        FieldKind.Message or FieldKind.Text or FieldKind.Bytes or FieldKind.Id => WireType.Bytes,
        FieldKind.Real or FieldKind.Fixed64 => WireType.Fixed64,
        FieldKind.Fixed32 => WireType.Fixed32,
        _ => WireType.Varint,
    };

    private static string ToCamelCase(string name)
    {
        var words = name.Split('_');
        return words[0] + string.Concat(words[1..].Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
    }
}
