using System.Buffers;
using Collector.Model;
using Collector.Protobuf;

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
}

/// <summary>
/// The attributes of one record, read once: it finds those that fill columns by name, and knows repeats. One list serves all
/// records of a request.
/// </summary>
internal sealed class AttributeList(RowBatch batch, int capacity) : IEqualityComparer<Slice>, IDisposable
{
    // Below this, comparing each name with all before it (mostly their lengths) costs no more than hashing, and no memory.
    private const int Few = 32;

    private const int MaxKeptNames = 1024;

    private readonly int[] _known = new int[KnownKeys.Count];
    private Attribute[] _items = [];
    private HashSet<Slice>? _names;

    public int Count { get; private set; }

    /// <summary>Attributes beyond the capacity; their row has no room for them anyway.</summary>
    public int LeftOut { get; private set; }

    public bool HasRepeats { get; private set; }

    public ReadOnlySpan<Attribute> Items => _items.AsSpan(0, Count);

    public void Clear()
    {
        Array.Clear(_known);
        Count = 0;
        LeftOut = 0;
        HasRepeats = false;
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
        item.IsRepeat = Count < Few ? IsAmongFew(body, key) : IsAmongMany(item.Key);
        Count++;
        HasRepeats |= item.IsRepeat;
        var known = KnownKeys.Of(key);
        if (known != KnownKey.None && !item.IsRepeat)
        {
            _known[(int)known] = Count;
        }
    }

    public bool Has(KnownKey key) => _known[(int)key] > 0;

    /// <summary>The value of a known attribute; an empty one where it is missing.</summary>
    public AnyValue ValueOf(KnownKey key) =>
        _known[(int)key] is > 0 and var place ? AnyValue.Read(batch.Body.Written, _items[place - 1].Value) : default;

    /// <summary>The first attribute of that name.</summary>
    public bool TryFind(ReadOnlySpan<byte> name, out Attribute found)
    {
        var body = batch.Body.Written;
        foreach (ref readonly var item in Items)
        {
            if (item.Key.Length == name.Length && body.Slice(item.Key.Offset, name.Length).SequenceEqual(name))
            {
                found = item;
                return true;
            }
        }

        found = default;
        return false;
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
            _names = _names is { Capacity: <= MaxKeptNames } ? _names : new HashSet<Slice>(this);
            _names.Clear();
            foreach (ref readonly var item in Items)
            {
                _names.Add(item.Key);
            }
        }

        return !_names!.Add(key);
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

    // Seeded by the runtime, so that nobody can send names that all meet in one slot.
    int IEqualityComparer<Slice>.GetHashCode(Slice obj)
    {
        var hash = default(HashCode);
        hash.AddBytes(batch.Text(obj));
        return hash.ToHashCode();
    }
}
