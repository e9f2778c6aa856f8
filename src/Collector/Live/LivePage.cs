using Collector.Model;

namespace Collector.Live;

/// <summary>
/// Rows as events, one behind the other, which all readers share: each of them has positions in it. Its memory counts once,
/// until the last one that it waits for has written its rows or has been cut.
/// </summary>
internal sealed class LivePage
{
    // Of a row's end and arrival.
    private const int RowOverhead = 24;

    private readonly byte[] _bytes;
    private readonly int[] _ends;
    private readonly Arrival[] _arrivals;
    private readonly LiveMemory _memory;
    private long _cost;
    private int _holders = 1;

    /// <summary>Whoever makes it holds it until it is delivered.</summary>
    /// <param name="number">Later pages have greater ones.</param>
    /// <param name="bytes">All the rows.</param>
    /// <param name="ends">Where each row ends in the bytes.</param>
    /// <param name="arrivals">What each row's id is.</param>
    /// <param name="memory">Told what it takes.</param>
    public LivePage(long number, byte[] bytes, int[] ends, Arrival[] arrivals, LiveMemory memory)
    {
        (Number, _bytes, _ends, _arrivals, _memory) = (number, bytes, ends, arrivals, memory);
        Charge(bytes.Length + ((long)ends.Length * RowOverhead));
    }

    public long Number { get; }

    public int Rows => _ends.Length;

    public int EndOf(int rows) => rows == 0 ? 0 : _ends[rows - 1];

    public Arrival ArrivalOf(int row) => _arrivals[row];

    public ReadOnlySpan<byte> Bytes(int firstRow, int rows) => _bytes.AsSpan(EndOf(firstRow)..EndOf(firstRow + rows));

    /// <summary>Only by somebody who holds it.</summary>
    public void Charge(long bytes)
    {
        Interlocked.Add(ref _cost, bytes);
        _memory.Add(bytes);
    }

    public void Hold() => Interlocked.Increment(ref _holders);

    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            _memory.Add(-Interlocked.Exchange(ref _cost, 0));
        }
    }
}
