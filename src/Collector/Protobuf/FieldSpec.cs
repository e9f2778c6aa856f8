using System.Text;

namespace Collector.Protobuf;

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
/// <param name="Owner">Number of the message that has the field, in its <see cref="MessageSchema"/>.</param>
/// <param name="Number">Field number.</param>
/// <param name="Name">Name in the .proto file.</param>
/// <param name="Kind">Form of the value.</param>
/// <param name="Child">Number of the value's message where it is one.</param>
/// <param name="IsRepeated">Several occurrences are several values; a single message may stand once.</param>
internal sealed record FieldSpec(byte Owner, int Number, string Name, FieldKind Kind, byte Child = 0, bool IsRepeated = false)
{
    /// <summary>Name in JSON.</summary>
    public string JsonName { get; } = ToCamelCase(Name);

    public byte[] NameUtf8 { get; } = Encoding.UTF8.GetBytes(Name);

    public byte[] JsonNameUtf8 { get; } = Encoding.UTF8.GetBytes(ToCamelCase(Name));

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
