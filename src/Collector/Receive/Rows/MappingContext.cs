using Collector.Model;
using Collector.Receive.Otlp;

namespace Collector.Receive.Rows;

/// <summary>Where a row comes from: worker (empty where the resource names none) and the batch's resource.</summary>
internal readonly record struct Origin(Slice Worker, int Resource);

/// <summary>What the mappers of one request share; made once for a request, used again for each record.</summary>
internal sealed class MappingContext : IDisposable
{
    // The shortest attribute takes five bytes of a context; more of them than fit are not even listed.
    private const int ShortestAttribute = 4;

    private const ulong NanosPerDay = 86_400_000_000_000;

    private readonly RowBatch _batch;
    private readonly ulong _oldest;

    public MappingContext(RowBatch batch, MappingRules rules, LogIdSequence ids)
    {
        _batch = batch;
        _oldest = OldestOf(batch.ReceivedNanos, rules.MaxAge);
        Json = new JsonText(batch.Built);
        Notes = new Notes(batch);
        Attributes = new AttributeList(batch, rules.MaxRowBytes / ShortestAttribute);
        Values = new ValueWriter(batch, rules.Secrets, Json, Notes);
        Context = new ContextWriter(batch, rules.Secrets, Json, Notes, Values);
        Columns = new ColumnPicker(batch, ids, Attributes, Json, Notes, Values);
    }

    public JsonText Json { get; }

    public Notes Notes { get; }

    public AttributeList Attributes { get; }

    public ValueWriter Values { get; }

    public ContextWriter Context { get; }

    public ColumnPicker Columns { get; }

    /// <summary>Text for a column: cut to its room, and clean; changes are noted.</summary>
    public Slice Text(Slice text, int room, in Place place)
    {
        var length = Utf8Text.Cut(_batch.Text(text), room);
        if (length < text.Length)
        {
            Notes.Add(place, $"cut to {length} of {text.Length} bytes, row too long");
            text = text.IsBuilt ? Slice.OfBuilt(text.Offset, length) : Slice.OfBody(text.Offset, length);
        }

        var clean = Utf8Text.Clean(_batch, text);
        if (clean != text)
        {
            Notes.Add(place, _batch.Text(text).Contains((byte)0) ? "NUL replaced" : Notes.Repaired);
        }

        return clean;
    }

    /// <summary>
    /// Flags a record's time that is far from its arrival: it is stored as it came, but where people look for what
    /// happened just now, it does not appear. Only what lies behind every question's reach (a producer's -1) is moved into
    /// it.
    /// </summary>
    public void FlagTime(ref ulong nanos)
    {
        if (nanos > Timestamps.Latest)
        {
            Notes.Add("timestamp", $"{nanos} ns is out of range, stored as the latest time");
            nanos = Timestamps.Latest;
        }

        if (nanos < _oldest)
        {
            _batch.LateRows++;
            Notes.Remark("timestamp", "older than Retention:MaxAge on arrival");
        }
        else if (nanos > _batch.ReceivedNanos && nanos - _batch.ReceivedNanos > NanosPerDay)
        {
            _batch.FutureRows++;
            Notes.Remark("timestamp", "more than a day after its arrival");
        }
    }

    /// <summary>"first: second", repaired where need be.</summary>
    public Slice Joined(Slice first, Slice second)
    {
        var start = Json.Length;
        Utf8Text.AppendClean(_batch.Built, _batch.Text(first));
        Json.Raw(": "u8);
        Utf8Text.AppendClean(_batch.Built, _batch.Text(second));
        return Json.SliceSince(start);
    }

    public void Dispose() => Attributes.Dispose();

    private static ulong OldestOf(ulong now, TimeSpan? maxAge)
    {
        var age = (ulong)(maxAge?.Ticks ?? 0) * 100;
        return maxAge is null || age > now ? 0 : now - age;
    }
}
