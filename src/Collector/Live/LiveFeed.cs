using Collector.Model;

namespace Collector.Live;

/// <summary>
/// Readers that want the same rows from the same place on. Each row is matched once for all of them, and they share the
/// list of positions in a page. The hub's gate guards it.
/// </summary>
internal sealed class LiveFeed(RowFilter filter, Arrival from)
{
    private readonly RowMatcher _matcher = new(filter);
    private readonly List<LiveReader> _readers = [];
    private readonly List<int> _rows = [];

    // What at least one reader may be given of this page; rows that match further on are only counted.
    private int _maxRows;
    private long _maxBytes;
    private long _bytes;
    private long _beyond;

    public bool IsEmpty => _readers.Count == 0;

    /// <summary>Whether a reader that wants these rows, from a place on that has been reached or not, is given the same.</summary>
    public bool Serves(RowFilter wanted, Arrival start, Arrival reached) =>
        (from == start || (from.CompareTo(reached) <= 0 && start == reached)) && filter.IsSame(wanted);

    public void Join(LiveReader reader)
    {
        _readers.Add(reader);
        reader.Missed = (_rows.Count, _beyond);
        _maxRows = Math.Max(_maxRows, _rows.Count + reader.Allowance);
        _maxBytes = Math.Max(_maxBytes, _bytes + reader.Room);
    }

    public void Leave(LiveReader reader) => _readers.Remove(reader);

    public bool Wants(in StoredRow row) => row.Position.Arrival.CompareTo(from) > 0 && _matcher.Matches(row);

    /// <summary>Whether the next row can still be given to any reader; else it is counted.</summary>
    public bool HasRoom()
    {
        if (_rows.Count < _maxRows && _bytes < _maxBytes)
        {
            return true;
        }

        _beyond++;
        return false;
    }

    /// <summary>A row of the page, by its position there, is wanted.</summary>
    public void Add(int row, int bytes)
    {
        _rows.Add(row);
        _bytes += bytes;
    }

    /// <summary>Gives the readers their rows of the page, if there is one, and begins the next one.</summary>
    public void Deliver(LivePage? page)
    {
        if (_rows.Count > 0 || _beyond > 0)
        {
            var rows = page is null || _rows.Count == 0 ? null : new LiveRows(page, _rows);
            foreach (var reader in _readers)
            {
                if (rows is not null)
                {
                    reader.Offer(rows, reader.Missed.Rows);
                }

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

    public void Nudge(long number) => _readers.ForEach(reader => reader.Nudge(number));

    /// <summary>Between two pages: sends how far the rows have been looked through, since a filter may match no row for hours.</summary>
    public void Beat(Arrival reached, long number)
    {
        var at = from.CompareTo(reached) > 0 ? from : reached;
        var watermark = StreamEvents.Watermark(at);
        _readers.ForEach(reader => reader.Beat(watermark, at, number));
    }

    /// <summary>Forgets what was gathered of a page, and begins the next one.</summary>
    public void Begin()
    {
        _rows.Clear();
        (_maxRows, _maxBytes, _bytes, _beyond) = (0, 0, 0, 0);
        foreach (var reader in _readers)
        {
            reader.Missed = default;
            _maxRows = Math.Max(_maxRows, reader.Allowance);
            _maxBytes = Math.Max(_maxBytes, reader.Room);
        }
    }
}
