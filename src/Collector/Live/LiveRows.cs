namespace Collector.Live;

/// <summary>Rows as events, one behind the other in bytes that nobody changes any more.</summary>
/// <param name="Bytes">Of all the rows and perhaps of some before them.</param>
/// <param name="Ends">Where each row ends in the bytes.</param>
/// <param name="Start">How many rows stand before these.</param>
internal readonly record struct LiveRows(ReadOnlyMemory<byte> Bytes, IReadOnlyList<int> Ends, int Start)
{
    public int Count => Ends.Count - Start;

    /// <summary>How many of the rows stay within so many bytes and so many rows, and their bytes.</summary>
    public int FirstWithin(long bytes, int rows, out ReadOnlyMemory<byte> events)
    {
        var from = Start == 0 ? 0 : Ends[Start - 1];
        var count = Math.Clamp(rows, 0, Count);
        while (count > 0 && Ends[Start + count - 1] - from > bytes)
        {
            count--;
        }

        events = count == 0 ? default : Bytes[from..Ends[Start + count - 1]];
        return count;
    }
}
