using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;
using Collector.Model;

namespace Collector.Receive.Rows;

/// <summary>
/// JSON values as a table that one pass of the reader fills: each value has the slice of its text and the place behind its last
/// descendant. Callers go from member to member by these places, and read no text a second time. A mapper may also enter
/// values that came in another form.
/// </summary>
internal sealed class JsonTable : IDisposable
{
    /// <summary>Deeper text is not JSON to the reader. It keeps a bit for each level, so that this may be large.</summary>
    public const int MaxDepth = 1_000_000;

    // No mapper looks deeper: it writes 64 levels of a value that stands a few levels below its item. A deeper value
    // is entered without its members, so that a text of brackets does not fill the memory.
    private const int MaxKeptDepth = ValueWriter.MaxDepth + 16;

    // After so many texts that looked like JSON and were not, a request's texts are texts: each costs an exception.
    private const int MaxFailures = 1000;

    private const int NotEmbedded = -1;

    private static readonly int _nodeBytes = Unsafe.SizeOf<Node>();

    private readonly RowBatch _batch;
    private readonly ByteBuffer _nodes;
    private int _failures;

    /// <param name="batch">Holds the texts.</param>
    /// <param name="allowance">Asked for the table's memory.</param>
    public JsonTable(RowBatch batch, IByteAllowance allowance)
    {
        _batch = batch;
        _nodes = new ByteBuffer(allowance);
        Clear();
    }

    public static JsonReaderOptions ReaderOptions => new() { MaxDepth = MaxDepth };

    /// <summary>For what may be several values, a line each.</summary>
    public static JsonReaderOptions LinesOptions => new() { MaxDepth = MaxDepth, AllowMultipleValues = true };

    /// <summary>Memory was refused: what the table holds is of no use.</summary>
    public bool Refused => _nodes.Refused;

    private int Count => _nodes.Length / _nodeBytes;

    /// <summary>Bytes of the byte order mark that a text begins with, which is not JSON.</summary>
    public static int ByteOrderMarkOf(ReadOnlySpan<byte> text) => text.StartsWith("\uFEFF"u8) ? 3 : 0;

    /// <summary>Where in the text a reader found that it is not JSON.</summary>
    public static int OffsetOf(ReadOnlySpan<byte> json, JsonException error)
    {
        var offset = 0;
        for (var line = error.LineNumber ?? 0; line > 0; line--)
        {
            offset += json[offset..].IndexOf((byte)'\n') + 1;
        }

        return (int)Math.Min(json.Length, offset + (error.BytePositionInLine ?? 0));
    }

    /// <summary>Forgets all values.</summary>
    public void Clear()
    {
        _nodes.Truncate(0);
        // Place 0 belongs to no value, so that the default value has no members.
        Add(default);
    }

    /// <summary>Enters the value at the reader's current token, and goes to its end.</summary>
    /// <param name="reader">Throws JsonException where the text is not JSON.</param>
    /// <param name="text">The whole text that the reader reads.</param>
    public JsonValue Read(ref Utf8JsonReader reader, Slice text)
    {
        var first = Count;
        var top = reader.CurrentDepth;
        var open = 0;
        JsonValue name = default;
        do
        {
            var token = reader.TokenType;
            if (token == JsonTokenType.PropertyName)
            {
                name = Scalar(reader, text);
                continue;
            }

            if (token is JsonTokenType.EndObject or JsonTokenType.EndArray)
            {
                open = Close(open);
            }
            else if (token is not (JsonTokenType.StartObject or JsonTokenType.StartArray))
            {
                Add(Scalar(reader, text), name);
            }
            else if (reader.CurrentDepth - top < MaxKeptDepth)
            {
                open = Open(token, name, open);
            }
            else
            {
                Add(new JsonValue(token, default), name);
                reader.Skip();
            }

            name = default;
        }
        while (open > 0 && !Refused && reader.Read());
        return At(first);
    }

    /// <summary>Enters a text that is one JSON value; false, and nothing entered, where it is not.</summary>
    public bool TryRead(Slice text, out JsonValue value)
    {
        value = default;
        if (_failures > MaxFailures)
        {
            return false;
        }

        var before = _nodes.Length;
        var reader = new Utf8JsonReader(_batch.Text(text), ReaderOptions);
        try
        {
            reader.Read();
            value = Read(ref reader, text);
            // Text behind the value is an error that only another read finds.
            return Refused || !reader.Read();
        }
        catch (JsonException)
        {
            // The reader has no other way to say that this is not JSON.
            _failures++;
            _nodes.Truncate(before);
            return false;
        }
    }

    /// <summary>Remembers which value the text of a string holds, so that it is read once.</summary>
    public JsonValue Embed(JsonValue text, JsonValue value)
    {
        if (!Refused)
        {
            Nodes[text.Node].Embedded = value.Node == 0 ? NotEmbedded : value.Node;
        }

        return value;
    }

    /// <summary>What <see cref="Embed"/> was told of a string; false: nothing yet.</summary>
    public bool TryEmbedded(JsonValue text, out JsonValue value)
    {
        var place = Refused ? NotEmbedded : Nodes[text.Node].Embedded;
        value = place > 0 ? At(place) : default;
        return place != 0;
    }

    /// <summary>Begins an object or array of values that the caller enters; what is returned is for <see cref="Close"/>.</summary>
    public int Open(JsonTokenType kind, JsonValue name = default, int outer = 0)
    {
        // While it is open, its parent's place stands where its end will.
        Add(new JsonValue(kind, default), name, outer);
        return Count - 1;
    }

    /// <summary>Ends an object or array, and returns the place of the one around it.</summary>
    public int Close(int open)
    {
        if (Refused)
        {
            return 0;
        }

        ref var node = ref Nodes[open];
        var outer = node.End;
        node.End = Count;
        return outer;
    }

    public void Add(JsonValue scalar, JsonValue name = default) => Add(scalar, name, Count + 1);

    /// <summary>The value at a place.</summary>
    public JsonValue At(int place)
    {
        if (Refused)
        {
            return default;
        }

        ref readonly var node = ref Nodes[place];
        return new JsonValue(node.Kind, node.Text, place, node.IsEscaped);
    }

    /// <summary>Goes through the members of an object or the elements of an array; other values have none.</summary>
    public Walker Walk(JsonValue value) => new(this, value.Node, Refused ? 0 : Nodes[value.Node].End);

    /// <summary>The last member of that name, as JavaScript reads an object; a missing one where there is none.</summary>
    public JsonValue Member(JsonValue value, ReadOnlySpan<byte> name)
    {
        JsonValue found = default;
        for (var walk = Walk(value); walk.Next();)
        {
            found = walk.Is(name) ? walk.Value : found;
        }

        return found;
    }

    public void Dispose() => _nodes.Dispose();

    private Span<Node> Nodes => MemoryMarshal.Cast<byte, Node>(_nodes.WrittenMutable);

    private void Add(JsonValue value, JsonValue name, int end)
    {
        var room = _nodes.GetSpan(_nodeBytes);
        if (room.IsEmpty)
        {
            return;
        }

        MemoryMarshal.AsRef<Node>(room) = new Node
        {
            Text = value.Text,
            Kind = value.Kind,
            IsEscaped = value.IsEscaped,
            Name = name.Text,
            IsNameEscaped = name.IsEscaped,
            End = end,
        };
        _nodes.Advance(_nodeBytes);
    }

    private static JsonValue Scalar(in Utf8JsonReader reader, Slice text)
    {
        var isText = reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName;
        var start = (int)reader.TokenStartIndex + (isText ? 1 : 0);
        return new JsonValue(reader.TokenType, text.Part(start, reader.ValueSpan.Length), IsEscaped: isText && reader.ValueIsEscaped);
    }

    /// <summary>Keeps places and no spans, since texts and table may move while the caller writes.</summary>
    internal struct Walker(JsonTable table, int place, int end)
    {
        private int _next = place + 1;

        /// <summary>Name of the member, a string; a missing one in an array.</summary>
        public JsonValue Name { get; private set; }

        public JsonValue Value { get; private set; }

        /// <summary>The name as it came, escapes included.</summary>
        public readonly ReadOnlySpan<byte> NameText => table._batch.Text(Name.Text);

        public bool Next()
        {
            if (_next >= end || table.Refused)
            {
                return false;
            }

            ref readonly var node = ref table.Nodes[_next];
            Name = new JsonValue(JsonTokenType.String, node.Name, IsEscaped: node.IsNameEscaped);
            Value = new JsonValue(node.Kind, node.Text, _next, node.IsEscaped);
            _next = node.End;
            return true;
        }

        public readonly bool Is(ReadOnlySpan<byte> name) => NameText.SequenceEqual(name);
    }

    private struct Node
    {
        public Slice Name;
        public Slice Text;
        public int End;
        public int Embedded;
        public JsonTokenType Kind;
        public bool IsEscaped;
        public bool IsNameEscaped;
    }
}
