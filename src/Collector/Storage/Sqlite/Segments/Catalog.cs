using System.Collections.Immutable;
using Collector.Model;

namespace Collector.Storage.Sqlite.Segments;

/// <summary>
/// The segments of a folder, oldest first. It has no file of its own: it is read from the folder and from each
/// segment's meta row, so that it cannot disagree with them.
/// </summary>
internal sealed class Catalog
{
    private ImmutableArray<Segment> _segments = [];
    private ImmutableDictionary<string, UnreadableFile> _unreadable = ImmutableDictionary<string, UnreadableFile>.Empty;

    /// <summary>The list as it is now; it never changes under its reader.</summary>
    public ImmutableArray<Segment> Segments => _segments;

    /// <summary>The newest row that has arrived and that queries see; none goes further.</summary>
    public Arrival Watermark =>
        _segments is [.., var newest] ? new Arrival(newest.Name.Number, newest.VisibleRows) : default;

    /// <summary>Rows stored, whether queries see them yet or not.</summary>
    public long Rows => _segments.Sum(static segment => segment.Rows);

    /// <summary>Bytes on disk: segments with their WAL and its index.</summary>
    public long Bytes => _segments.Sum(static segment => segment.Bytes);

    public void Add(Segment segment) =>
        ImmutableInterlocked.Update(ref _segments, static (list, added) => list.Insert(list.Count(s => s.Name.Number < added.Name.Number), added), segment);

    public void Remove(Segment segment) =>
        ImmutableInterlocked.Update(ref _segments, static (list, removed) => list.Remove(removed), segment);

    /// <summary>Puts a segment in the place of another of the same number; false where that one has left meanwhile.</summary>
    public bool Replace(Segment old, Segment by) =>
        ImmutableInterlocked.Update(
            ref _segments, static (list, pair) => list.Contains(pair.Old) ? list.Replace(pair.Old, pair.By) : list, (Old: old, By: by));

    /// <summary>Files that can't be read, wholly or in part, by name.</summary>
    public IEnumerable<UnreadableFile> Unreadable => _unreadable.Values;

    /// <summary>True where the file was not marked before: then it is said in the log, once.</summary>
    public bool Mark(UnreadableFile file) =>
        ImmutableInterlocked.TryAdd(ref _unreadable, file.Name, file);

    /// <summary>More is known of it by now.</summary>
    public void Remark(UnreadableFile file) => ImmutableInterlocked.AddOrUpdate(ref _unreadable, file.Name, file, (_, _) => file);

    /// <summary>It can be read again, or is gone.</summary>
    public void Unmark(string name) => ImmutableInterlocked.TryRemove(ref _unreadable, name, out _);

    /// <summary>The segments that a folder holds, oldest first.</summary>
    public static List<SegmentName> NamesIn(string folder)
    {
        var names = new List<SegmentName>();
        foreach (var path in Directory.EnumerateFiles(folder))
        {
            if (SegmentName.TryParse(Path.GetFileName(path.AsSpan()), out var name))
            {
                names.Add(name);
            }
        }

        names.Sort();
        return names;
    }
}
