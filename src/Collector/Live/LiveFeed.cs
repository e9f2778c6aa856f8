using System.Buffers;
using Collector.Model;

namespace Collector.Live;

/// <summary>
/// Readers that want the same rows from the same place on. Each row is matched once for all of them, and they share the
/// bytes of a page. The hub's gate guards it.
/// </summary>
internal sealed class LiveFeed(RowFilter filter, Arrival from)
{
    // A feed needs a large page rarely; a thousand feeds that each kept one would hold gigabytes.
    private const int MaxKept = 128 * 1024;

    private readonly RowMatcher _matcher = new(filter);
    private readonly List<LiveReader> _readers = [];
    private readonly List<int> _ends = [];
    private ArrayBufferWriter<byte> _page = new();

    // Rows of this page that at least one reader may be given; rows that match further on are only counted.
    private int _room;
    private long _beyond;

    public bool IsEmpty => _readers.Count == 0;

    /// <summary>Whether a reader that wants these rows, from a place on that has been reached or not, is given the same.</summary>
    public bool Serves(RowFilter wanted, Arrival start, Arrival reached) =>
        (from == start || (from.CompareTo(reached) <= 0 && start == reached)) && filter.IsSame(wanted);

    public void Join(LiveReader reader)
    {
        _readers.Add(reader);
        reader.Missed = (_ends.Count, _beyond);
        _room = Math.Max(_room, _ends.Count + reader.Allowance);
    }

    public void Leave(LiveReader reader) => _readers.Remove(reader);

    public bool Wants(in StoredRow row) => row.Position.Arrival.CompareTo(from) > 0 && _matcher.Matches(row);

    /// <summary>Whether the next row can still be given to any reader; else it is counted.</summary>
    public bool HasRoom()
    {
        if (_ends.Count < _room && _page.WrittenCount < LiveReader.MaxBytes)
        {
            return true;
        }

        _beyond++;
        return false;
    }

    public void Add(ReadOnlySpan<byte> row)
    {
        _page.Write(row);
        _ends.Add(_page.WrittenCount);
    }

    /// <summary>Gives the readers the page, and begins the next one.</summary>
    public void Deliver()
    {
        if (_ends.Count > 0 || _beyond > 0)
        {
            var page = new LivePage(_page.WrittenSpan.ToArray(), _ends);
            foreach (var reader in _readers)
            {
                reader.Offer(page, reader.Missed.Rows);
                reader.Skip(_beyond - reader.Missed.Beyond);
            }
        }

        Begin();
    }

    /// <summary>Between two pages: all may be given so many rows more.</summary>
    public void Allow(int rows)
    {
        _readers.ForEach(reader => reader.Allow(rows));
        Begin();
    }

    public void Nudge() => _readers.ForEach(static reader => reader.Nudge());

    /// <summary>Between two pages: sends how far the rows have been looked through, since a filter may match no row for hours.</summary>
    public void Beat(Arrival reached)
    {
        var watermark = StreamEvents.Watermark(from.CompareTo(reached) > 0 ? from : reached);
        _readers.ForEach(reader => reader.Beat(watermark));
    }

    private void Begin()
    {
        if (_page.Capacity > MaxKept)
        {
            _page = new ArrayBufferWriter<byte>();
        }

        _page.ResetWrittenCount();
        _ends.Clear();
        (_room, _beyond) = (0, 0);
        foreach (var reader in _readers)
        {
            reader.Missed = default;
            _room = Math.Max(_room, reader.Allowance);
        }
    }
}
