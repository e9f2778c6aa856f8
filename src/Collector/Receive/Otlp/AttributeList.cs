using System.Buffers;
using Collector.Model;
using Collector.Protobuf;
using Collector.Receive.Rows;

namespace Collector.Receive.Otlp;

/// <summary>One attribute: where its name and its value's message stand in the body.</summary>
internal struct Attribute
{
    public Slice Key;
    public Slice Value;

    /// <summary>Where the attribute's own message stands, for <see cref="Rows.Notes.Relay"/>.</summary>
    public Slice Message;

    /// <summary>An attribute of the same name stands before it.</summary>
    public bool IsRepeat;

    /// <summary>It stands elsewhere in the row, and is not written once more.</summary>
    public bool IsElsewhere;

    /// <summary>What its name says about its value.</summary>
    public Secrecy Secrecy;
}

/// <summary>
/// The attributes of one record, read once: it finds those that mean something by their names, ids also in the maps that an attribute
/// may hold, and knows repeats. One list serves all records of a request.
/// </summary>
internal sealed class AttributeList(RowBatch batch, MappingRules rules, int capacity)
    : IEqualityComparer<Slice>, IAlternateEqualityComparer<ReadOnlySpan<byte>, Slice>, IDisposable
{
    // Below this, comparing each name with all before it (mostly their lengths) costs no more than hashing, and no memory.
    private const int Few = 32;

    private const int MaxKeptNames = 1024;

    // The message of a map or an array begins with its field's tag.
    private const byte MapTag = (Field.ValueMap << 3) | 2;
    private const byte ArrayTag = (Field.ValueArray << 3) | 2;

    private static readonly int _meanings = Enum.GetValues<Meaning>().Length;

    private readonly FieldNames _names = rules.Names;
    private readonly AnyValue[] _known = new AnyValue[_meanings];
    private readonly int[] _ranks = new int[_meanings];
    private Attribute[] _items = [];
    private Dictionary<Slice, int>? _places;

    public int Count { get; private set; }

    /// <summary>Attributes beyond the capacity; their row has no room for them anyway.</summary>
    public int LeftOut { get; private set; }

    public bool HasRepeats { get; private set; }

    /// <summary>The name of one says that its value is a secret.</summary>
    public bool HasSecrets { get; private set; }

    /// <summary>They describe an exception.</summary>
    public bool HasException =>
        Has(Meaning.ExceptionType) || Has(Meaning.ExceptionMessage) || Has(Meaning.ExceptionStack);

    /// <summary>Bytes of all of them in the body.</summary>
    public int Bytes { get; private set; }

    public ReadOnlySpan<Attribute> Items => _items.AsSpan(0, Count);

    public void Clear()
    {
        Array.Clear(_ranks);
        Count = 0;
        LeftOut = 0;
        Bytes = 0;
        HasRepeats = false;
        HasSecrets = false;
    }

    /// <summary>Adds the attribute that a KeyValue message holds.</summary>
    public void Add(ReadOnlySpan<byte> body, Slice keyValue)
    {
        if (Count == capacity)
        {
            LeftOut++;
            return;
        }

        if (Count == _items.Length)
        {
            Grow(Math.Max(Few, Count * 2));
        }

        ref var item = ref _items[Count];
        item = Read(body, keyValue);
        var key = body.Slice(item.Key.Offset, item.Key.Length);
        item.Secrecy = rules.Secrets.Of(key);
        HasSecrets |= item.Secrecy == Secrecy.Secret;
        item.IsRepeat = Count < Few ? IsAmongFew(body, key) : IsAmongMany(item.Key);
        Count++;
        Bytes += keyValue.Length;
        HasRepeats |= item.IsRepeat;
        if (!item.IsRepeat)
        {
            Understand(body, key, default, item.Value, 0);
        }
    }

    public bool Has(Meaning meaning) => _ranks[(int)meaning] > 0;

    /// <summary>How much the value counts, as <see cref="FieldMatch.RankAt"/> has it.</summary>
    public int RankOf(Meaning meaning) => _ranks[(int)meaning];

    /// <summary>The value that counts most; an empty one where none says anything.</summary>
    public AnyValue ValueOf(Meaning meaning) => Has(meaning) ? _known[(int)meaning] : default;

    /// <summary>The first attribute of that name.</summary>
    public bool TryFind(ReadOnlySpan<byte> name, out Attribute found)
    {
        found = default;
        if (Count > Few)
        {
            var isThere = _places!.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out var place);
            found = isThere ? _items[place] : default;
            return isThere;
        }

        var body = batch.Body.Written;
        foreach (ref readonly var item in Items)
        {
            if (item.Key.Length == name.Length && body.Slice(item.Key.Offset, name.Length).SequenceEqual(name))
            {
                found = item;
                return true;
            }
        }

        return false;
    }

    /// <summary>The first attribute of that name is not written.</summary>
    public void MarkElsewhere(ReadOnlySpan<byte> name)
    {
        for (var place = 0; place < Count; place++)
        {
            ref var item = ref _items[place];
            if (batch.Text(item.Key).SequenceEqual(name))
            {
                item.IsElsewhere = true;
                return;
            }
        }
    }

    public void Dispose() => Return();

    /// <summary>Reads a KeyValue message.</summary>
    public static Attribute Read(ReadOnlySpan<byte> body, Slice keyValue)
    {
        var item = new Attribute { Message = keyValue };
        for (var reader = new WireReader(body, keyValue); reader.Next();)
        {
            if (reader.Field == Field.KeyValueKey)
            {
                item.Key = reader.Payload;
            }
            else if (reader.Field == Field.KeyValueValue)
            {
                item.Value = reader.Payload;
            }
        }

        return item;
    }

    private void Understand(ReadOnlySpan<byte> body, ReadOnlySpan<byte> key, ReadOnlySpan<byte> parent, Slice message, int depth)
    {
        var match = _names.Of(key, parent);
        if (match.RankAt(depth) is > 0 and var rank)
        {
            ref var best = ref _ranks[(int)match.Meaning];
            if (best == 0 || rank < best)
            {
                var value = AnyValue.Read(body, message);
                if (Says(body, match.Meaning, value))
                {
                    best = rank;
                    _known[(int)match.Meaning] = value;
                }
            }
        }

        Nested(body, key, message, depth);
    }

    // Values that are nested deeper than this are not checked, and so not read.
    private void Nested(ReadOnlySpan<byte> body, ReadOnlySpan<byte> key, Slice message, int depth)
    {
        if (depth < ValueWriter.MaxDepth - 1 && message.Length > 2 && body[message.Offset] is MapTag or ArrayTag
            && AnyValue.Read(body, message) is { Kind: ValueKind.Map or ValueKind.Array } value)
        {
            Members(body, key, value.Content, value.Kind == ValueKind.Map, depth);
        }
    }

    private void Members(ReadOnlySpan<byte> body, ReadOnlySpan<byte> key, Slice members, bool isMap, int depth)
    {
        for (var reader = new WireReader(body, members); reader.Next();)
        {
            if (reader.Field != Field.Members)
            {
                continue;
            }

            if (isMap)
            {
                var member = Read(body, reader.Payload);
                Understand(body, body.Slice(member.Key.Offset, member.Key.Length), key, member.Value, depth + 1);
            }
            else
            {
                Nested(body, key, reader.Payload, depth + 1);
            }
        }
    }

    private static bool Says(ReadOnlySpan<byte> body, Meaning meaning, in AnyValue value)
    {
        var text = value.Kind == ValueKind.Text ? body.Slice(value.Content.Offset, value.Content.Length) : default;
        return meaning switch
        {
            Meaning.Level => GradeOf(body, value) != Grade.None,
            Meaning.TraceId => IdText.TryTrace(text, out _),
            Meaning.SpanId => IdText.TrySpan(text, out _),
            Meaning.Error => value.Kind is ValueKind.Bool or ValueKind.Map || !text.IsEmpty,
            _ => value.Kind is ValueKind.Integer or ValueKind.Real or ValueKind.Array || !text.IsEmpty,
        };
    }

    /// <summary>What an attribute of that meaning says of how bad a record is.</summary>
    public static Grade GradeOf(ReadOnlySpan<byte> body, in AnyValue value) => value.Kind switch
    {
        ValueKind.Text => Severity.OfText(body.Slice(value.Content.Offset, value.Content.Length)),
        ValueKind.Integer => Severity.OfLogger(value.AsInteger),
        ValueKind.Real => Severity.OfLogger(value.AsReal),
        _ => Grade.None,
    };

    private bool IsAmongFew(ReadOnlySpan<byte> body, ReadOnlySpan<byte> key)
    {
        foreach (ref readonly var item in Items)
        {
            if (item.Key.Length == key.Length && body.Slice(item.Key.Offset, key.Length).SequenceEqual(key))
            {
                return true;
            }
        }

        return false;
    }

    private bool IsAmongMany(Slice key)
    {
        if (Count == Few)
        {
            // A large one is not kept: to clear it for each record would cost more than to make it.
            _places = _places is { Capacity: <= MaxKeptNames } ? _places : new Dictionary<Slice, int>(this);
            _places.Clear();
            for (var place = 0; place < Count; place++)
            {
                _places.TryAdd(_items[place].Key, place);
            }
        }

        return !_places!.TryAdd(key, Count);
    }

    private void Grow(int capacity)
    {
        var larger = ArrayPool<Attribute>.Shared.Rent(capacity);
        _items.CopyTo(larger, 0);
        Return();
        _items = larger;
    }

    private void Return()
    {
        if (_items.Length > 0)
        {
            ArrayPool<Attribute>.Shared.Return(_items);
        }
    }

    bool IEqualityComparer<Slice>.Equals(Slice x, Slice y) => batch.Text(x).SequenceEqual(batch.Text(y));

    int IEqualityComparer<Slice>.GetHashCode(Slice obj) => HashOf(batch.Text(obj));

    bool IAlternateEqualityComparer<ReadOnlySpan<byte>, Slice>.Equals(ReadOnlySpan<byte> alternate, Slice other) =>
        batch.Text(other).SequenceEqual(alternate);

    int IAlternateEqualityComparer<ReadOnlySpan<byte>, Slice>.GetHashCode(ReadOnlySpan<byte> alternate) => HashOf(alternate);

    Slice IAlternateEqualityComparer<ReadOnlySpan<byte>, Slice>.Create(ReadOnlySpan<byte> alternate) =>
        throw new NotSupportedException("Names are only looked up.");

    // Seeded by the runtime, so that nobody can send names that all meet in one slot.
    private static int HashOf(ReadOnlySpan<byte> name)
    {
        var hash = default(HashCode);
        hash.AddBytes(name);
        return hash.ToHashCode();
    }
}
