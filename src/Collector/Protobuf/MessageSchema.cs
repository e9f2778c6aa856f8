namespace Collector.Protobuf;

/// <summary>
/// The messages of one protocol as data: the checker takes wire types and nesting from it, the JSON side the names and forms.
/// What is not in it is passed over. The protocol's own room builds it, and numbers its messages from 0.
/// </summary>
internal sealed class MessageSchema
{
    // Field numbers below this have a place in the tables; no message that we read has others.
    private const int Stride = 32;

    private readonly FieldSpec[][] _byMessage;
    private readonly FieldSpec?[] _byNumber;
    private readonly FieldRule[] _rules;
    private readonly int _nested;
    private readonly int _maxNested;

    /// <param name="fields">Every known field of every message.</param>
    /// <param name="maxDepth">How many messages stand within each other at most, as far as they are opened.</param>
    /// <param name="nested">The message that may stand within itself; -1: none may.</param>
    /// <param name="maxNested">How many of those within each other are opened.</param>
    public MessageSchema(FieldSpec[] fields, int maxDepth, int nested = -1, int maxNested = 0)
    {
        MaxDepth = maxDepth;
        _nested = nested;
        _maxNested = maxNested;
        var messages = fields.Max(spec => Math.Max(spec.Owner, spec.Child)) + 1;
        _byMessage = [.. Enumerable.Range(0, messages).Select(owner => fields.Where(spec => spec.Owner == owner).ToArray())];
        _byNumber = new FieldSpec?[messages * Stride];
        foreach (var spec in fields)
        {
            _byNumber[(spec.Owner * Stride) + spec.Number] = spec;
        }

        _rules = [.. _byNumber.Select(spec => spec is null ? default : new FieldRule(spec))];
    }

    public int MaxDepth { get; }

    public ReadOnlySpan<FieldSpec> FieldsOf(byte message) => _byMessage[message];

    public FieldSpec? Find(byte message, uint field) =>
        field < Stride ? _byNumber[(message * Stride) + (int)field] : null;

    /// <summary>What the checker asks of every field, in four bytes and one access to an array.</summary>
    public FieldRule RuleOf(byte message, uint field) =>
        field < Stride ? _rules[(message * Stride) + (int)field] : default;

    public bool IsNested(byte message) => message == _nested;

    /// <summary>
    /// Whether a message is opened below so many of the nested ones. The checker and its callers must agree: what the
    /// checker left closed has bytes that nobody has looked at.
    /// </summary>
    public bool CanOpen(byte message, int nestedDepth) => message != _nested || nestedDepth < _maxNested;
}

/// <summary>A <see cref="FieldSpec"/> as far as the wire goes; the default stands for an unknown field.</summary>
internal readonly struct FieldRule(FieldSpec spec)
{
    private readonly Form _form =
        spec.Kind != FieldKind.Message ? Form.Leaf : spec.IsRepeated ? Form.Repeated : Form.Singular;

    private enum Form : byte
    {
        Leaf,
        Singular,
        Repeated,
    }

    public bool IsKnown { get; } = true;

    public WireType WireType { get; } = spec.WireType;

    public byte Child { get; } = spec.Child;

    public bool IsMessage => _form != Form.Leaf;

    public bool IsSingularMessage => _form == Form.Singular;
}
