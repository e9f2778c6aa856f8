using System.Buffers;
using Collector.Model;

namespace Collector.Live;

/// <summary>The rows of a page that one filter wants, which all its readers share.</summary>
internal sealed class LiveRows
{
    private const int Overhead = 96;
    private const int RowOverhead = 8;

    // Null: all of the page.
    private readonly int[]? _rows;
    private readonly int[] _ends = [];

    /// <param name="page">The page; it is charged with this list.</param>
    /// <param name="rows">Positions in it, rising.</param>
    public LiveRows(LivePage page, List<int> rows)
    {
        (Page, Count) = (page, rows.Count);
        page.Charge(Overhead);
        if (rows.Count == page.Rows)
        {
            return;
        }

        page.Charge((long)rows.Count * RowOverhead);
        _rows = [.. rows];
        _ends = new int[rows.Count];
        for (var (i, end) = (0, 0); i < _rows.Length; i++)
        {
            end += page.EndOf(_rows[i] + 1) - page.EndOf(_rows[i]);
            _ends[i] = end;
        }
    }

    public LivePage Page { get; }

    public int Count { get; }

    /// <summary>How many from one on stay within so many bytes and so many rows, and their bytes.</summary>
    public (int Rows, int Bytes) Fit(int start, long maxBytes, int maxRows)
    {
        var from = EndOf(start);
        var rows = Math.Clamp(maxRows, 0, Count - start);
        while (rows > 0 && EndOf(start + rows) - from > maxBytes)
        {
            rows--;
        }

        return (rows, EndOf(start + rows) - from);
    }

    /// <summary>Writes so many rows from one on, and returns the last one's arrival.</summary>
    public Arrival Write(int start, int count, IBufferWriter<byte> into)
    {
        var end = start + count;
        for (var i = start; i < end;)
        {
            // Neighbours are copied at once.
            var first = At(i);
            var rows = 1;
            while (++i < end && At(i) == first + rows)
            {
                rows++;
            }

            into.Write(Page.Bytes(first, rows));
        }

        return Page.ArrivalOf(At(end - 1));
    }

    private int At(int row) => _rows is null ? row : _rows[row];

    private int EndOf(int rows) => _rows is null ? Page.EndOf(rows) : rows == 0 ? 0 : _ends[rows - 1];
}
