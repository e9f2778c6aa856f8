using System.Buffers;
using System.Runtime.CompilerServices;

namespace Collector.Model;

/// <summary>
/// All rows of one request, which are stored together or not at all: the request's bytes, the text built from them,
/// the rows that are slices of both, and the key of the request. Owned by one party at a time: the receiver fills
/// it, the queue passes it on, and the part that completes it disposes it.
/// </summary>
internal sealed class RowBatch : IDisposable
{
    // First sizes, for ordinary requests; a large request may be a single record, which needs no more.
    private const int SmallestBuilt = 256;
    private const int MaxGuessedBuilt = 256 * 1024;
    private const int BytesOfRecord = 512;
    private const int MinRows = 16;
    private const int MaxGuessedRows = 512;

    private readonly IByteAllowance _allowance;
    private readonly List<Slice> _resources = [];
    private readonly List<ProducerCount> _producers = [];
    private Row[] _rows = [];
    private long _rowsHeld;
    private bool _rowsRefused;
    private RequestKey? _key;

    /// <param name="body">The request's message, decompressed; the batch takes it over.</param>
    /// <param name="allowance">Asked for the memory of rows and built text.</param>
    /// <param name="receivedNanos">Time of arrival in nanoseconds since 1970; <c>created_at</c> of every row.</param>
    public RowBatch(ByteBuffer body, IByteAllowance allowance, ulong receivedNanos)
    {
        Body = body;
        ReceivedNanos = receivedNanos;
        _allowance = allowance;
        // Contexts and ids take half of the body and more: one step to grow instead of ten.
        Built = new ByteBuffer(allowance, Math.Clamp(body.Length / 2, SmallestBuilt, MaxGuessedBuilt));
    }

    public ByteBuffer Body { get; private set; }

    /// <summary>Text that does not stand in the body as it is: contexts, repaired text, generated ids.</summary>
    public ByteBuffer Built { get; }

    public ulong ReceivedNanos { get; }

    /// <summary>Asked for whatever else is needed while the batch is filled.</summary>
    public IByteAllowance Allowance => _allowance;

    /// <summary>Id of row 0, set once when the request is accepted; row i has this id plus i.</summary>
    public LogId FirstLogId { get; set; }

    /// <summary>The key by which a repeat of the request is recognised; null where a repeat can't be told from a new request.</summary>
    public RequestKey? Key { get => HasUntimedRows ? null : _key; set => _key = value; }

    /// <summary>
    /// Where the rows come in several groups whose order is the producer's whim: for each group, in the order of the rows, its
    /// rank and its number of rows, as varints. A row's rank in its request is the same for every collector that was sent it.
    /// Empty for a single group.
    /// </summary>
    public Slice GroupOrder { get; set; }

    /// <summary>Which events of a stream these are; null where they are none.</summary>
    public StreamPart? Stream { get; set; }

    public int Count { get; private set; }

    /// <summary>A row came without any time of its own, so that the same bytes may be another event.</summary>
    public bool HasUntimedRows { get; private set; }

    /// <summary>Values that could not be kept as they came (see the rows' notes).</summary>
    public int OddValues { get; set; }

    /// <summary>Rows older on arrival than what is kept.</summary>
    public int LateRows { get; set; }

    /// <summary>Rows of more than a day after their arrival.</summary>
    public int FutureRows { get; set; }

    /// <summary>Puts another form of the message in the place of the first, which is then the caller's. No row refers to it yet.</summary>
    public ByteBuffer ReplaceBody(ByteBuffer body)
    {
        var replaced = Body;
        Body = body;
        return replaced;
    }

    public ReadOnlySpan<Row> Rows => _rows.AsSpan(0, Count);

    /// <summary>Resource and scope, as JSON objects, that rows refer to by index.</summary>
    public IReadOnlyList<Slice> Resources => _resources;

    /// <summary>Rows of each worker, in order of first appearance; neighbours of the same name are one entry.</summary>
    public IReadOnlyList<ProducerCount> Producers => _producers;

    /// <summary>Memory refused: the rows are incomplete and must not be stored.</summary>
    public bool Refused => _rowsRefused || Built.Refused;

    public ReadOnlySpan<byte> Text(Slice slice) =>
        (slice.IsBuilt ? Built : Body).Written.Slice(slice.Offset, slice.Length);

    /// <summary>The time of a row that has none of its own.</summary>
    public ulong TimeOfUntimedRow()
    {
        HasUntimedRows = true;
        return ReceivedNanos;
    }

    public int AddResource(Slice json)
    {
        _resources.Add(json);
        return _resources.Count - 1;
    }

    public void Add(in Row row)
    {
        if (Count == _rows.Length && !GrowRows())
        {
            return;
        }

        _rows[Count++] = row;
        CountProducer(row.Worker);
    }

    public void Dispose()
    {
        Body.Dispose();
        Built.Dispose();
        if (_rows.Length > 0)
        {
            ArrayPool<Row>.Shared.Return(_rows);
            _rows = [];
        }

        Count = 0;
        _allowance.GiveBack(_rowsHeld);
        _rowsHeld = 0;
    }

    private bool GrowRows()
    {
        var wanted = Math.Max(Math.Clamp(Body.Length / BytesOfRecord, MinRows, MaxGuessedRows), _rows.Length * 2);
        var bytes = (long)wanted * Unsafe.SizeOf<Row>();
        if (!_allowance.TryTake(bytes - _rowsHeld))
        {
            _rowsRefused = true;
            return false;
        }

        _rowsHeld = bytes;
        var larger = ArrayPool<Row>.Shared.Rent(wanted);
        _rows.AsSpan(0, Count).CopyTo(larger);
        if (_rows.Length > 0)
        {
            ArrayPool<Row>.Shared.Return(_rows);
        }

        _rows = larger;
        return true;
    }

    private void CountProducer(Slice worker)
    {
        if (_producers.Count > 0 && Text(_producers[^1].Worker).SequenceEqual(Text(worker)))
        {
            _producers[^1] = _producers[^1] with { Rows = _producers[^1].Rows + 1 };
            return;
        }

        _producers.Add(new ProducerCount(worker, 1));
    }
}

/// <summary>How many rows of a batch are one worker's.</summary>
internal readonly record struct ProducerCount(Slice Worker, int Rows);
