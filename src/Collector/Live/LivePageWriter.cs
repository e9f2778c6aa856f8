using System.Buffers;
using Collector.Model;

namespace Collector.Live;

/// <summary>Gathers the rows of the next page: each is written once, when the first reader wants it.</summary>
/// <param name="write">Writes a row as the event that readers are sent.</param>
/// <param name="memory">Told what pages take.</param>
internal sealed class LivePageWriter(LiveHub.RowWriter write, LiveMemory memory)
{
    // Below what the runtime keeps among the large objects, which only a full collection frees.
    private const int PageBytes = 64 * 1024;

    private const int MaxKept = 4 * PageBytes;

    private readonly List<int> _ends = [];
    private readonly List<Arrival> _arrivals = [];
    private ArrayBufferWriter<byte> _bytes = new();

    /// <summary>The number of the last page.</summary>
    public long Pages { get; private set; }

    /// <summary>The position of the last row.</summary>
    public int Last => _ends.Count - 1;

    public bool IsFull => _bytes.WrittenCount >= PageBytes;

    /// <summary>Returns how long it is.</summary>
    public int Add(in StoredRow row)
    {
        var start = _bytes.WrittenCount;
        write(row, _bytes);
        _ends.Add(_bytes.WrittenCount);
        _arrivals.Add(row.Position.Arrival);
        return _bytes.WrittenCount - start;
    }

    /// <summary>The page, which the caller holds, and the next one is begun; null where no row was wanted.</summary>
    public LivePage? Take()
    {
        var page = _ends.Count == 0 ? null : new LivePage(++Pages, _bytes.WrittenSpan.ToArray(), [.. _ends], [.. _arrivals], memory);
        Begin();
        return page;
    }

    /// <summary>Forgets what was gathered.</summary>
    public void Begin()
    {
        if (_bytes.Capacity > MaxKept)
        {
            _bytes = new ArrayBufferWriter<byte>(); // Rows were large; that is rare.
        }

        _bytes.ResetWrittenCount();
        _ends.Clear();
        _arrivals.Clear();
    }
}
