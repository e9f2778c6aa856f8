namespace Collector.Live;

/// <summary>Rows as events, one behind the other in bytes that nobody changes any more.</summary>
/// <param name="bytes">Of all the rows.</param>
/// <param name="ends">Where each row ends in the bytes.</param>
internal sealed class LivePage(ReadOnlyMemory<byte> bytes, IReadOnlyList<int> ends)
{
    // Nearly all readers are given the same of a page.
    private (int From, int To, LiveEvents Events) _last = (0, 0, LiveEvents.None);

    public int Rows => ends.Count;

    /// <summary>The first rows from one on that stay within so many bytes and so many rows, and how many these are.</summary>
    public LiveEvents Take(int start, long maxBytes, int maxRows, out int rows)
    {
        var from = EndOf(start);
        rows = Math.Clamp(maxRows, 0, Rows - start);
        while (rows > 0 && EndOf(start + rows) - from > maxBytes)
        {
            rows--;
        }

        return Between(from, EndOf(start + rows));
    }

    private int EndOf(int rows) => rows == 0 ? 0 : ends[rows - 1];

    private LiveEvents Between(int from, int to)
    {
        if ((_last.From, _last.To) != (from, to))
        {
            _last = (from, to, new LiveEvents(bytes[from..to]));
        }

        return _last.Events;
    }
}
