using System.Buffers;
using System.Runtime.CompilerServices;

namespace Collector.Model;

/// <summary>
/// All rows of one request, which are stored together or not at all: the request's bytes, the text built from them,
/// the rows that are slices of both, and the key of the request. Owned by one party at a time: the receiver fills
/// it, the queue passes it on, and the part that completes it disposes it.
/// <para>Of a large request it holds the bytes only, and makes the rows anew whenever they are wanted, piece by piece
/// (<see cref="Pieces"/>); <see cref="Count"/> and <see cref="Producers"/> are known all the same.</para>
/// </summary>
internal sealed class RowBatch : IDisposable
{
    // First sizes, for ordinary requests; a large request may be a single record, which needs no more.
    private const int SmallestBuilt = 256;
    private const int MaxGuessedBuilt = 256 * 1024;
    private const int BytesOfRecord = 512;
    private const int MinRows = 16;
    private const int MaxGuessedRows = 512;

    // A larger array would stay in the pool for the next request of its size.
    private const int MaxPooledRows = 8192;

    // Of the bound of what is built: a row without any text.
    private const int BytesOfRow = 64;

    // Of a piece: what is built fits an array of the pool.
    private const int PieceBuilt = 768 * 1024;
    private const int PieceRows = 4096;

    private readonly IByteAllowance _allowance;
    private readonly List<Slice> _resources = [];
    private readonly List<ProducerCount> _producers = [];
    private Row[] _rows = [];
    private long _rowsHeld;
    private bool _rowsRefused;
    private RequestKey? _key;
    private long _mostBuilt = long.MaxValue;
    private long _mostShared = long.MaxValue;
    private long _shared;
    private long _builtByPieces;
    private long _sharedByPieces;
    private bool _isTooMuch;
    private bool _isPiece;
    private IRowPieces? _pieces;

    /// <param name="body">The request's message, decompressed; the batch takes it over.</param>
    /// <param name="allowance">Asked for the memory of rows and built text.</param>
    /// <param name="receivedNanos">Time of arrival in nanoseconds since 1970; <c>created_at</c> of every row.</param>
    public RowBatch(ByteBuffer body, IByteAllowance allowance, ulong receivedNanos)
    {
        Body = body;
        ReceivedNanos = receivedNanos;
        _allowance = allowance;
        Built = NewBuilt();
    }

    public ByteBuffer Body { get; private set; }

    /// <summary>Text that does not stand in the body as it is: contexts, repaired text, generated ids.</summary>
    public ByteBuffer Built { get; private set; }

    /// <summary>
    /// Most bytes that may be built, a row counting for 64 at least: work in proportion to what was sent. A request that
    /// asks for more is <see cref="IsTooMuch"/>, and refused. <see cref="Resources"/> have a bound of their own.
    /// </summary>
    public long MostBuilt
    {
        get => _mostBuilt;
        set
        {
            _mostBuilt = value;
            BoundBuilt();
        }
    }

    /// <summary>
    /// Most bytes of <see cref="Resources"/>: a request holds the text of a resource once, and it is built for each of its
    /// scopes. Ordinary senders have hundreds of scopes with a record each, so this allows for more than rows may have.
    /// </summary>
    public long MostShared
    {
        get => _mostShared;
        set
        {
            _mostShared = value;
            BoundBuilt();
        }
    }

    /// <summary>More was to be built than <see cref="MostBuilt"/> or <see cref="MostShared"/>.</summary>
    public bool IsTooMuch => _isTooMuch || Built.IsTooLong;

    /// <summary>It is the resources that are too much.</summary>
    public bool IsTooMuchShared => _sharedByPieces + _shared > _mostShared;

    /// <summary>Cancelled when nobody waits for the rows any more, before they are all there: then they are refused.</summary>
    public CancellationToken Cancellation { get; init; }

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

    /// <summary>Whether the sender may speak for a worker; null where it may for all. Rows of others are left out.</summary>
    public WorkerTest? IsOfSender { get; init; }

    /// <summary>Rows that were left out, as their worker is not the sender's.</summary>
    public int ForeignRows { get; private set; }

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

    /// <summary>Null where <see cref="Rows"/> are all; else what makes them anew, and Rows is empty.</summary>
    public IRowPieces? Pieces => _pieces;

    /// <summary>It is a piece of a large request, and large enough for one.</summary>
    public bool IsFull => _isPiece && (Count >= PieceRows || Built.Length >= PieceBuilt);

    /// <summary>
    /// The rows of this batch or, of a large one, batches whose rows follow each other: each is valid until the next is asked
    /// for. The text of each is its own.
    /// </summary>
    public IEnumerable<RowBatch> InPieces() => _pieces?.Read(this) ?? [this];

    /// <summary>A batch for the rows from <paramref name="firstRow"/> on, which shares the body of this one.</summary>
    /// <param name="firstRow">Number of rows before it.</param>
    /// <param name="isCounted">Its memory is asked of this batch's allowance, and its work is bounded; else nothing is.</param>
    public RowBatch NewPiece(int firstRow, bool isCounted) =>
        new(Body, isCounted ? _allowance : Unbounded.Instance, ReceivedNanos)
        {
            _isPiece = true,
            FirstLogId = FirstLogId.Plus(firstRow),
            MostBuilt = isCounted ? Math.Max(0, _mostBuilt - _builtByPieces) : long.MaxValue,
            MostShared = isCounted ? Math.Max(0, _mostShared - _sharedByPieces) : long.MaxValue,
            Cancellation = isCounted ? Cancellation : default,
            IsOfSender = isCounted ? IsOfSender : null,
        };

    /// <summary>Forgets what was decoded so far, to begin again in pieces.</summary>
    public void BeginPieces()
    {
        FreeRows();
        Built.Dispose();
        Built = NewBuilt();
        BoundBuilt();
        (_shared, _isTooMuch) = (0, false);
        _resources.Clear();
        _producers.Clear();
        (Count, ForeignRows, OddValues, LateRows, FutureRows, HasUntimedRows, _rowsRefused) = (0, 0, 0, 0, 0, false, false);
    }

    /// <summary>Counts the rows of a piece; they themselves are not kept.</summary>
    public void AddPiece(RowBatch piece)
    {
        foreach (var (worker, rows) in piece._producers)
        {
            var name = piece.Text(worker);
            if (_producers.Count > 0 && Text(_producers[^1].Worker).SequenceEqual(name))
            {
                _producers[^1] = _producers[^1] with { Rows = _producers[^1].Rows + rows };
                continue;
            }

            var start = Built.Length;
            Built.Append(name);
            _producers.Add(new ProducerCount(Slice.OfBuilt(start, Built.Length - start), rows));
        }

        Count += piece.Count;
        ForeignRows += piece.ForeignRows;
        OddValues += piece.OddValues;
        LateRows += piece.LateRows;
        FutureRows += piece.FutureRows;
        HasUntimedRows |= piece.HasUntimedRows;
        _isTooMuch |= piece.IsTooMuch;
        IsCancelled |= piece.IsCancelled;
        _rowsRefused |= piece.Refused;
        _builtByPieces += piece.Built.Length - piece._shared + ((long)piece.Count * BytesOfRow);
        _sharedByPieces += piece._shared;
    }

    /// <summary>The first and the last time of all rows.</summary>
    public (ulong First, ulong Last) Times()
    {
        var (first, last) = (ulong.MaxValue, 0UL);
        foreach (var piece in InPieces())
        {
            foreach (ref readonly var row in piece.Rows)
            {
                first = Math.Min(first, row.TimestampNanos);
                last = Math.Max(last, row.TimestampNanos);
            }
        }

        return (first, last);
    }

    /// <summary>All pieces were added; from now on they are made by <paramref name="pieces"/>.</summary>
    public void EndPieces(IRowPieces pieces) => _pieces = pieces;

    /// <summary>What is known of the rows of a large batch without making them.</summary>
    public void Know(int rows, IEnumerable<ProducerCount> producers, IRowPieces pieces)
    {
        Count = rows;
        _producers.AddRange(producers);
        _pieces = pieces;
    }

    public ReadOnlySpan<Row> Rows => _pieces is null ? _rows.AsSpan(0, Count) : default;

    /// <summary>Resource and scope, as JSON objects, that rows refer to by index.</summary>
    public IReadOnlyList<Slice> Resources => _resources;

    /// <summary>Rows of each worker, in order of first appearance; neighbours of the same name are one entry.</summary>
    public IReadOnlyList<ProducerCount> Producers => _producers;

    /// <summary>Memory refused: the rows are incomplete and must not be stored.</summary>
    public bool Refused => _rowsRefused || Built.Refused;

    /// <summary>It is refused because nobody waits for it any more.</summary>
    public bool IsCancelled { get; private set; }

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
        _shared += json.Length;
        _isTooMuch |= _shared > _mostShared;
        _rowsRefused |= _isTooMuch;
        _resources.Add(json);
        return _resources.Count - 1;
    }

    public void Add(in Row row)
    {
        if (IsOfSender is not null && !IsOfSender(Text(row.Worker)))
        {
            ForeignRows++;
            return;
        }

        if (Count == _rows.Length && !GrowRows())
        {
            return;
        }

        _isTooMuch |= Built.Length - _shared + ((Count + 1L) * BytesOfRow) > _mostBuilt;
        IsCancelled |= Cancellation.IsCancellationRequested;
        if (IsTooMuch || IsCancelled)
        {
            _rowsRefused = true;
            return;
        }

        _rows[Count++] = row;
        CountProducer(row.Worker);
    }

    public void Dispose()
    {
        if (!_isPiece)
        {
            Body.Dispose();
        }

        Built.Dispose();
        FreeRows();
        Count = 0;
    }

    // Contexts and ids take half of the body and more: one step to grow instead of ten.
    private ByteBuffer NewBuilt() => new(_allowance, Math.Clamp(Body.Length / 2, SmallestBuilt, MaxGuessedBuilt));

    // The buffer itself stops what a single row would build beyond all bounds.
    private void BoundBuilt() => Built.MaxLength = (int)Math.Min(
        Math.Min(_mostBuilt, Array.MaxLength) + Math.Min(_mostShared, Array.MaxLength), Array.MaxLength);

    private void FreeRows()
    {
        Return(_rows);
        _rows = [];
        _allowance.GiveBack(_rowsHeld);
        _rowsHeld = 0;
    }

    private static void Return(Row[] rows)
    {
        if (rows.Length is > 0 and <= MaxPooledRows)
        {
            ArrayPool<Row>.Shared.Return(rows);
        }
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
        var larger = wanted <= MaxPooledRows ? ArrayPool<Row>.Shared.Rent(wanted) : GC.AllocateUninitializedArray<Row>(wanted);
        _rows.AsSpan(0, Count).CopyTo(larger);
        Return(_rows);
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

/// <summary>Says something of a worker's name, in UTF-8.</summary>
internal delegate bool WorkerTest(ReadOnlySpan<byte> worker);
