namespace Collector.Live;

/// <summary>Rows as events, one behind the other, in bytes that all readers share.</summary>
/// <param name="bytes">All the rows.</param>
/// <param name="ends">Where each row ends in the bytes.</param>
internal sealed class LivePage(ReadOnlyMemory<byte> bytes, IReadOnlyList<int> ends)
{
    public int Rows => ends.Count;

    /// <summary>The first rows from one on that stay within so many bytes and so many rows, and how many these are.</summary>
    public ReadOnlyMemory<byte> Take(int start, long maxBytes, int maxRows, out int rows)
    {
        var from = EndOf(start);
        rows = Math.Clamp(maxRows, 0, Rows - start);
        while (rows > 0 && EndOf(start + rows) - from > maxBytes)
        {
            rows--;
        }

        return bytes[from..EndOf(start + rows)];
    }

    private int EndOf(int rows) => rows == 0 ? 0 : ends[rows - 1];
}
