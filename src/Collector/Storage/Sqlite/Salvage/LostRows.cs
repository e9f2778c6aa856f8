using System.Text;
using Collector.Model;
using Collector.Storage.Sqlite.Segments;

namespace Collector.Storage.Sqlite.Salvage;

/// <summary>
/// What a damaged file lacks: how many rows, whose, and of which time. Counted by the figures that the file kept by minute and
/// worker where these can be read, which say it exactly; else each missing stretch is taken to be of its neighbours' time, and
/// of their worker where they have the same.
/// </summary>
internal sealed class LostRows
{
    private const ulong Minute = HotRollup.SecondsPerMinute * HotRollup.NanosPerSecond;

    private readonly Dictionary<RollupKey, long> _found = [];
    private readonly Dictionary<string, string> _workers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> _byName;
    private readonly List<Gap> _stretches = [];
    private long _last;
    private (string Worker, ulong Nanos)? _before;

    public LostRows() => _byName = _workers.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Rows that are there.</summary>
    public long Rows { get; private set; }

    /// <summary>The last of them.</summary>
    public long LastRow => _last;

    /// <summary>A row that is there; call it in order.</summary>
    public void Found(long rowid, ReadOnlySpan<byte> worker, Kind kind, ulong nanos)
    {
        var name = NameOf(worker);
        Rows++;
        AddStretch(rowid - _last - 1, (name, nanos));
        (_last, _before) = (rowid, (name, nanos));
        var key = new RollupKey(nanos / Minute * HotRollup.SecondsPerMinute, name, kind);
        _found[key] = _found.GetValueOrDefault(key) + 1;
    }

    /// <summary>By worker; empty where nothing is lost.</summary>
    /// <param name="expected">Rows that were stored in it.</param>
    /// <param name="lastRow">The last rowid that was.</param>
    /// <param name="kept">Rows by minute, worker and kind; null where that is not known.</param>
    /// <param name="range">Of the file's events, where nothing else is known.</param>
    /// <param name="reason">Why they are lost, in a word.</param>
    public IReadOnlyList<Gap> ToGaps(
        long expected, long lastRow, IReadOnlyDictionary<RollupKey, long>? kept, (ulong From, ulong To) range, string reason)
    {
        var lost = expected - Rows;
        if (lost <= 0)
        {
            return [];
        }

        AddStretch(lastRow - _last, after: null);
        var gaps = kept is null ? [] : ByFigures(kept, range).ToList();
        if (gaps.Sum(static gap => gap.Count) != lost)
        {
            gaps = [.. ByNeighbours(lost, range)];
        }

        return [.. from gap in gaps
            group gap by gap.WorkerName into own
            select new Gap(own.Key, own.Min(static g => g.FromNanos), own.Max(static g => g.ToNanos), own.Sum(static g => g.Count), reason)];
    }

    private IEnumerable<Gap> ByFigures(IReadOnlyDictionary<RollupKey, long> kept, (ulong From, ulong To) range) =>
        from cell in kept
        let lost = cell.Value - _found.GetValueOrDefault(cell.Key)
        where lost > 0
        let begin = cell.Key.Seconds * HotRollup.NanosPerSecond
        let end = begin + Minute - 1
        // The file's own range is narrower than its first and last minute, where it is known.
        select range.From <= end && range.To >= begin
            ? new Gap(cell.Key.Worker, Math.Max(begin, range.From), Math.Min(end, range.To), lost, "")
            : new Gap(cell.Key.Worker, begin, end, lost, "");

    // More may be missing than was lost now: of an earlier loss nothing is counted twice.
    private IEnumerable<Gap> ByNeighbours(long lost, (ulong From, ulong To) range)
    {
        foreach (var stretch in _stretches)
        {
            var count = Math.Min(stretch.Count, lost);
            lost -= count;
            if (count > 0)
            {
                yield return stretch with
                {
                    Count = count,
                    FromNanos = stretch.FromNanos == 0 ? range.From : stretch.FromNanos,
                    ToNanos = stretch.ToNanos == 0 ? range.To : stretch.ToNanos,
                };
            }
        }

        if (lost > 0)
        {
            yield return new Gap(Gap.UnknownWorker, range.From, range.To, lost, "");
        }
    }

    private void AddStretch(long rows, (string Worker, ulong Nanos)? after)
    {
        if (rows <= 0)
        {
            return;
        }

        var (one, other) = (_before ?? after, after ?? _before);
        var worker = one?.Worker is { } name && name == other?.Worker ? name : Gap.UnknownWorker;
        // At an end of the file there is one neighbour: the other end of its time is the file's.
        var (from, to) = (_before?.Nanos ?? 0, after?.Nanos ?? 0);
        _stretches.Add(new Gap(worker, from > to && to != 0 ? to : from, from > to && to != 0 ? from : to, rows, ""));
    }

    private string NameOf(ReadOnlySpan<byte> utf8)
    {
        Span<char> text = stackalloc char[256];
        if (Encoding.UTF8.TryGetChars(utf8, text, out var length) && _byName.TryGetValue(text[..length], out var known))
        {
            return known;
        }

        var name = Encoding.UTF8.GetString(utf8);
        _workers.TryAdd(name, name);
        return name;
    }
}
