using Collector.Model;

namespace Collector.Storage.Sqlite.Segments;

/// <summary>
/// The index of an unsealed segment, in memory: where the file has only its primary key, this finds rows by time,
/// level, kind, worker, correlation and trace. One thread adds and then publishes; any number search without locks and see
/// only what is published. Row i of the index is rowid i + 1.
/// </summary>
internal sealed class HotIndex(int segment, IdHasher hasher, int maxWorkers = ushort.MaxValue)
{
    // The adding thread's.
    private readonly WorkerNames _workers = new(maxWorkers);
    private long _added;

    // Both sides': replaced when a block comes on, and read only after the count that needs the block.
    private volatile HotBlock[] _blocks = [];
    private long _published;
    private long _skipped;

    public int Segment => segment;

    /// <summary>Rows that searches see; also the last of their rowids.</summary>
    public long Count => Volatile.Read(ref _published);

    /// <summary>Rowids that no row answers for.</summary>
    public long Skipped => Volatile.Read(ref _skipped);

    /// <summary>Smallest event time; the largest number where there is no row.</summary>
    public ulong FirstTimestamp => _blocks.Length == 0 ? ulong.MaxValue : _blocks.Min(static b => b.FirstTimestamp);

    /// <summary>Largest event time.</summary>
    public ulong LastTimestamp => _blocks.Length == 0 ? 0 : _blocks.Max(static b => b.LastTimestamp);

    /// <summary>Adds the next row, unseen until <see cref="Publish"/>; a trace of zero is none.</summary>
    public void Add(
        ulong nanos, Level level, Kind kind, ReadOnlySpan<byte> worker, ReadOnlySpan<byte> correlation, UInt128 trace,
        ReadOnlySpan<byte> request = default)
    {
        var row = (int)(_added & (HotBlock.Capacity - 1));
        if (row == 0)
        {
            _blocks = [.. _blocks, new HotBlock()];
        }

        ulong? traceHash = trace == UInt128.Zero ? null : hasher.Of(trace);
        _blocks[^1].Set(row, new HotEntry(
            nanos, level, kind, _workers.Intern(worker), hasher.Of(correlation), traceHash, request.IsEmpty ? null : hasher.Of(request)));
        _added++;
    }

    /// <summary>
    /// Leaves a rowid out that no row answers for: its place keeps the rest where they belong, and bears a time that no
    /// question reaches.
    /// </summary>
    public void Skip()
    {
        var row = (int)(_added & (HotBlock.Capacity - 1));
        if (row == 0)
        {
            _blocks = [.. _blocks, new HotBlock()];
        }

        _blocks[^1].Timestamps[row] = ulong.MaxValue;
        _added++;
        Volatile.Write(ref _skipped, _skipped + 1);
    }

    /// <summary>Shows all that was added; call it once the rows can be read from the file.</summary>
    public void Publish() => Volatile.Write(ref _published, _added);

    /// <summary>The number by which rows of this worker are told, as far as they are.</summary>
    public ushort WorkerNumber(ReadOnlySpan<byte> name) => _workers.NumberOf(name);

    /// <summary>Event time of a published row.</summary>
    public ulong TimestampOf(long rowid) =>
        _blocks[(rowid - 1) >> HotBlock.Shift].Timestamps[(rowid - 1) & (HotBlock.Capacity - 1)];

    /// <summary>Level of a published row.</summary>
    public Level LevelOf(long rowid) =>
        _blocks[(rowid - 1) >> HotBlock.Shift].LevelOf((int)((rowid - 1) & (HotBlock.Capacity - 1)));

    /// <summary>Offers every candidate to the page, skipping the blocks that cannot improve it.</summary>
    public void Collect(in HotFilter filter, TopK page, CancellationToken cancellation)
    {
        var blocks = BlocksUpTo(filter.LastRow);
        for (var i = 0; i < blocks; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            // Neighbours in arrival are neighbours in time, mostly: from the wanted end, the page fills at once.
            var number = page.Descending ? blocks - 1 - i : i;
            var block = _blocks[number];
            var (from, to) = page.Narrow(filter.From, filter.To);
            if (block.FirstTimestamp < to && block.LastTimestamp >= from)
            {
                CollectBlock(block, number, filter, page);
            }
        }
    }

    /// <summary>Neighbours in arrival among which rows of a range of time may be, its end exclusive.</summary>
    public IEnumerable<(long First, long Last)> Within(ulong from, ulong to, long lastRow)
    {
        for (var number = 0; number < BlocksUpTo(lastRow); number++)
        {
            if (_blocks[number].FirstTimestamp < to && _blocks[number].LastTimestamp >= from)
            {
                yield return (Rowid(number, 0), Rowid(number, RowsOf(number, lastRow) - 1));
            }
        }
    }

    /// <summary>The rowids of all candidates for a correlation id, newest first.</summary>
    public IEnumerable<long> CorrelationCandidates(ulong hash, long lastRow) =>
        Walk(static block => block.Correlations, hash, lastRow);

    /// <summary>The rowids of all candidates for a trace id, newest first.</summary>
    public IEnumerable<long> TraceCandidates(ulong hash, long lastRow) => Walk(static block => block.Traces, hash, lastRow);

    /// <summary>The rowids of all candidates for a request id, newest first.</summary>
    public IEnumerable<long> RequestCandidates(ulong hash, long lastRow) => Walk(static block => block.Requests, hash, lastRow);

    private void CollectBlock(HotBlock block, int number, in HotFilter filter, TopK page)
    {
        var rows = RowsOf(number, filter.LastRow);
        if ((filter.CorrelationHash ?? filter.TraceHash) is { } hash)
        {
            var chain = filter.CorrelationHash is null ? block.Traces : block.Correlations;
            for (var row = chain.Newest(hash, rows); row >= 0; row = chain.Older(hash, row))
            {
                Offer(block, number, row, filter, page);
            }
        }
        else
        {
            Scan(block, number, rows, filter, page);
        }
    }

    // A million rows in about a millisecond: once the page is full, one comparison of time turns nearly all away.
    private void Scan(HotBlock block, int number, int rows, in HotFilter filter, TopK page)
    {
        var timestamps = block.Timestamps.AsSpan(0, rows);
        var (row, step) = page.Descending ? (rows - 1, -1) : (0, 1);
        var (from, to) = page.Narrow(filter.From, filter.To);
        for (; (uint)row < (uint)timestamps.Length; row += step)
        {
            if (timestamps[row] >= from && timestamps[row] < to && Offer(block, number, row, filter, page))
            {
                (from, to) = page.Narrow(filter.From, filter.To);
            }
        }
    }

    private bool Offer(HotBlock block, int number, int row, in HotFilter filter, TopK page) =>
        filter.Passes(block, row)
        && page.Offer(new Position(block.Timestamps[row], new Arrival(segment, Rowid(number, row))));

    private IEnumerable<long> Walk(Func<HotBlock, HashChain?> chainOf, ulong hash, long lastRow)
    {
        for (var number = BlocksUpTo(lastRow) - 1; number >= 0; number--)
        {
            if (chainOf(_blocks[number]) is not { } chain)
            {
                continue;
            }

            for (var row = chain.Newest(hash, RowsOf(number, lastRow)); row >= 0; row = chain.Older(hash, row))
            {
                yield return Rowid(number, row);
            }
        }
    }

    private static int BlocksUpTo(long lastRow) => (int)((lastRow + HotBlock.Capacity - 1) >> HotBlock.Shift);

    private static int RowsOf(int number, long lastRow) =>
        (int)Math.Min(lastRow - ((long)number << HotBlock.Shift), HotBlock.Capacity);

    private static long Rowid(int number, int row) => ((long)number << HotBlock.Shift) + row + 1;
}
