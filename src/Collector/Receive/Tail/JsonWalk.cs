using System.Text.Json;
using Collector.Model;

namespace Collector.Receive.Tail;

/// <summary>
/// Goes through the members of an object, or the elements of an array, that has passed the reader once. It keeps a
/// position and no span, since the text may move while its walker writes.
/// </summary>
internal struct JsonWalk
{
    public const int MaxDepth = 1_000_000;

    private readonly RowBatch _batch;
    private readonly Slice _text;
    private int _position;
    private JsonReaderState _state;

    /// <param name="batch">Holds the text.</param>
    /// <param name="value">An object or array.</param>
    public JsonWalk(RowBatch batch, JsonValue value)
    {
        _batch = batch;
        _text = value.Raw;
        _state = new JsonReaderState(new JsonReaderOptions { MaxDepth = MaxDepth });
        var reader = new Utf8JsonReader(batch.Text(_text), isFinalBlock: true, _state);
        reader.Read();
        Keep(ref reader);
    }

    /// <summary>Name of the member as it stands there, escapes included; empty in an array.</summary>
    public Slice Name { get; private set; }

    public JsonValue Value { get; private set; }

    public bool Next()
    {
        var start = _position;
        var reader = new Utf8JsonReader(_batch.Text(_text)[start..], isFinalBlock: true, _state);
        reader.Read();
        if (reader.TokenType == JsonTokenType.PropertyName)
        {
            Name = Part(start + (int)reader.TokenStartIndex + 1, reader.ValueSpan.Length);
            reader.Read();
        }

        if (reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray)
        {
            return false;
        }

        var kind = reader.TokenType;
        var first = (int)reader.TokenStartIndex;
        reader.Skip();
        Value = new JsonValue(kind, Part(start + first, (int)reader.BytesConsumed - first));
        Keep(ref reader);
        return true;
    }

    public readonly ReadOnlySpan<byte> NameText => _batch.Text(Name);

    private void Keep(ref Utf8JsonReader reader)
    {
        _position += (int)reader.BytesConsumed;
        _state = reader.CurrentState;
    }

    private readonly Slice Part(int start, int length) => _text.IsBuilt
        ? Slice.OfBuilt(_text.Offset + start, length)
        : Slice.OfBody(_text.Offset + start, length);
}
