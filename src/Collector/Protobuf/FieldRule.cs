namespace Collector.Protobuf;

/// <summary>A <see cref="FieldSpec"/> as far as the wire goes; the default stands for an unknown field.</summary>
internal readonly struct FieldRule(FieldSpec spec)
{
    public bool IsKnown { get; } = true;

    public WireType WireType { get; } = spec.WireType;

    public MessageType Child { get; } = spec.Child;

    private readonly Form _form =
        spec.Kind != FieldKind.Message ? Form.Leaf : spec.IsRepeated ? Form.Repeated : Form.Singular;

    public bool IsMessage => _form != Form.Leaf;

    public bool IsSingularMessage => _form == Form.Singular;

    private enum Form : byte
    {
        Leaf,
        Singular,
        Repeated,
    }
}
