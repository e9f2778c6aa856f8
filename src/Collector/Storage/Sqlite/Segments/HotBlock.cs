using Collector.Model;

namespace Collector.Storage.Sqlite.Segments;

/// <summary>
/// 32,768 rows of the hot index: 20 bytes a row (24 where rows have request ids) in arrays that never move. Blocks instead of one table mean that
/// nothing is copied or rehashed while the segment grows, that rows are numbered by two bytes, and that a search by
/// time skips whole blocks; a lookup by id probes each block (31 at a million rows, 6 µs for the whole question).
/// </summary>
internal sealed class HotBlock
{
    public const int Shift = 15;
    public const int Capacity = 1 << Shift;
    public const int BytesOfRow = 20;

    private const int KindBits = 2;

    public readonly ulong[] Timestamps = Unmoved<ulong>(Capacity);
    public readonly ushort[] Workers = Unmoved<ushort>(Capacity);
    public readonly HashChain Correlations = new();
    public readonly HashChain Traces = new();

    // Most producers have no request ids: they come with the first one.
    private volatile HashChain? _requests;

    // Level and kind in one.
    private readonly byte[] _marks = Unmoved<byte>(Capacity);

    // May already count rows that are not published: a range that is too wide only costs a look.
    private ulong _first = ulong.MaxValue;
    private ulong _last;

    /// <summary>Smallest event time; the largest number where there is no row.</summary>
    public ulong FirstTimestamp => Volatile.Read(ref _first);

    /// <summary>Largest event time.</summary>
    public ulong LastTimestamp => Volatile.Read(ref _last);

    // It lives as long as a segment is filled: copied from generation to generation, it would lie in each for a while.
    public static T[] Unmoved<T>(int length) => GC.AllocateArray<T>(length, pinned: true);

    /// <summary>Null where no row has a request id.</summary>
    public HashChain? Requests => _requests;

    public Level LevelOf(int row) => (Level)(_marks[row] >> KindBits);

    public Kind KindOf(int row) => (Kind)(_marks[row] & ((1 << KindBits) - 1));

    public void Set(int row, in HotEntry entry)
    {
        Timestamps[row] = entry.TimestampNanos;
        _marks[row] = (byte)(((int)entry.Level << KindBits) | (int)entry.Kind);
        Workers[row] = entry.Worker;
        Volatile.Write(ref _first, Math.Min(_first, entry.TimestampNanos));
        Volatile.Write(ref _last, Math.Max(_last, entry.TimestampNanos));
        Correlations.Link(row, entry.CorrelationHash);
        if (entry.TraceHash is { } trace)
        {
            Traces.Link(row, trace);
        }

        if (entry.RequestHash is { } request)
        {
            _requests ??= new HashChain();
            _requests.Link(row, request);
        }
    }
}
