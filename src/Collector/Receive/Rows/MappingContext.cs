using System.Buffers.Binary;
using Collector.Model;

namespace Collector.Receive.Rows;

/// <summary>What the mappers of one request share, whatever its protocol; made once for a request, used again for each record.
/// </summary>
internal abstract class MappingContext
{
    /// <summary>Longest id that is kept whole.</summary>
    public const int MaxIdBytes = 256;

    private const ulong NanosPerDay = 86_400_000_000_000;

    // Clocks of different machines are further apart than a request takes.
    private const ulong NanosPerMinute = 60_000_000_000;

    private readonly RowBatch _batch;
    private readonly LogIdSequence _ids;
    private readonly Redactor _redactor;
    private readonly ulong _oldest;
    private UInt128 _lastTrace;
    private Slice _lastTraceText;
    private Slice _unknownWorker;

    /// <param name="batch">Takes the rows and the text that is built for them.</param>
    /// <param name="rules">What the operator decides.</param>
    /// <param name="ids">Gives new ids.</param>
    /// <param name="transcoded">As in <see cref="Rows.Notes"/>.</param>
    protected MappingContext(RowBatch batch, MappingRules rules, LogIdSequence ids, ILookup<int, string>? transcoded = null)
    {
        _batch = batch;
        _ids = ids;
        _oldest = OldestOf(batch.ReceivedNanos, rules.MaxAge);
        Json = new JsonText(batch.Built);
        Notes = new Notes(batch, transcoded);
        _redactor = new Redactor(batch, rules.Secrets, Json);
        Context = new ContextWriter(batch, _redactor, Json, Notes);
        Values = new ValueWriter(rules.Secrets, _redactor, Json, Notes);
    }

    public JsonText Json { get; }

    public Notes Notes { get; }

    public ContextWriter Context { get; }

    public ValueWriter Values { get; }

    /// <summary>Text for a column: cut to its room, and clean; changes are noted.</summary>
    /// <param name="text">UTF-8, or nearly.</param>
    /// <param name="room">Most bytes.</param>
    /// <param name="place">For notes.</param>
    /// <param name="whole">Bytes of what the text is a part of.</param>
    public Slice Text(Slice text, int room, in Place place, int whole = 0)
    {
        var length = Utf8Text.Cut(_batch.Text(text), room);
        if (length < text.Length)
        {
            Notes.Add(place, $"cut to {length} of {Math.Max(whole, text.Length)} bytes, row too long");
            text = text.Part(0, length);
        }

        var clean = Utf8Text.Clean(_batch, text);
        if (clean != text)
        {
            Notes.Add(place, _batch.Text(text).Contains((byte)0) ? "NUL replaced" : Notes.Repaired);
        }

        return clean;
    }

    /// <summary>A row's message without its secrets; the slice itself where there are none.</summary>
    /// <param name="text">The message, as long as it may be.</param>
    /// <param name="room">What it was cut to, where it was cut.</param>
    public Slice Message(Slice text, int room)
    {
        var clean = _redactor.Message(text, room, out var isCut);
        if (isCut)
        {
            Notes.Add("message", "cut, row too long");
        }

        return clean;
    }

    /// <summary>
    /// Flags a record's time that is far from its arrival: it is stored as it came, but where people look for what
    /// happened just now, it does not appear. A time that no question can reach (a producer's -1) becomes the
    /// latest that can be asked for.
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
        else if (nanos > _batch.ReceivedNanos && nanos - _batch.ReceivedNanos > NanosPerMinute)
        {
            var isFar = nanos - _batch.ReceivedNanos > NanosPerDay;
            _batch.FutureRows += isFar ? 1 : 0;
            Notes.Remark("timestamp", isFar ? "more than a day after its arrival" : "more than a minute after its arrival");
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

    /// <summary>A text of ours, as a slice.</summary>
    public Slice Built(ReadOnlySpan<byte> text)
    {
        var start = Json.Length;
        Json.Raw(text);
        return Json.SliceSince(start);
    }

    /// <summary>The name of a worker that its producer does not name.</summary>
    public Slice UnknownWorker() => _unknownWorker.IsEmpty ? _unknownWorker = Built("unknown-worker"u8) : _unknownWorker;

    /// <summary>A trace id as text; neighbours mostly belong to one trace and then share it.</summary>
    public Slice TraceText(UInt128 trace)
    {
        if (trace != _lastTrace)
        {
            Span<byte> bytes = stackalloc byte[16];
            BinaryPrimitives.WriteUInt128BigEndian(bytes, trace);
            var start = Json.Length;
            Json.Hex(bytes);
            _lastTraceText = Json.SliceSince(start);
            _lastTrace = trace;
        }

        return _lastTraceText;
    }

    /// <summary>A new UUID, for what has no id of its own.</summary>
    public Slice NewId()
    {
        Span<byte> text = stackalloc byte[LogId.TextLength];
        _ids.Reserve(1, _batch.ReceivedNanos).WriteText(text);
        return Built(text);
    }

    private static ulong OldestOf(ulong now, TimeSpan? maxAge)
    {
        var age = (ulong)(maxAge?.Ticks ?? 0) * 100;
        return maxAge is null || age > now ? 0 : now - age;
    }
}

/// <summary>Where a row comes from: worker (empty where the resource names none) and the batch's resource.</summary>
internal readonly record struct Origin(Slice Worker, int Resource);
