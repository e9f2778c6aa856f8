using System.Diagnostics.CodeAnalysis;

namespace Collector.Storage.Sqlite.Segments;

/// <summary>
/// The idle connections of all segments, bounded together: beyond the bound the one that was unused longest is closed.
/// With 500 segments and a question that looks into each, connections of their own for each would cost 500 files.
/// </summary>
internal sealed class IdleReaders(int max) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly LinkedList<(ReaderPool Pool, SegmentReader Reader)> _byAge = new();
    private readonly Dictionary<ReaderPool, Stack<LinkedListNode<(ReaderPool Pool, SegmentReader Reader)>>> _byPool = [];

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _byAge.Count;
            }
        }
    }

    public bool TryTake(ReaderPool pool, [NotNullWhen(true)] out SegmentReader? reader)
    {
        lock (_gate)
        {
            var found = _byPool.TryGetValue(pool, out var nodes);
            reader = found ? Remove(nodes!.Pop()).Reader : null;
            return found;
        }
    }

    public void Add(ReaderPool pool, SegmentReader reader)
    {
        SegmentReader? surplus = null;
        lock (_gate)
        {
            if (!_byPool.TryGetValue(pool, out var nodes))
            {
                _byPool.Add(pool, nodes = new());
            }

            nodes.Push(_byAge.AddLast((pool, reader)));
            if (_byAge.Count > max)
            {
                surplus = RemoveOldest();
            }
        }

        surplus?.Dispose();
    }

    /// <summary>Closes those of one segment.</summary>
    public void Clear(ReaderPool pool)
    {
        while (TryTake(pool, out var reader))
        {
            reader.Dispose();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var (_, reader) in _byAge)
            {
                reader.Dispose();
            }

            _byAge.Clear();
            _byPool.Clear();
        }
    }

    private SegmentReader RemoveOldest()
    {
        var oldest = _byAge.First!;
        // A pool has few idle connections: as many as questions run at once.
        var others = _byPool[oldest.Value.Pool].Where(node => node != oldest).Reverse();
        _byPool[oldest.Value.Pool] = new(others);
        return Remove(oldest).Reader;
    }

    private (ReaderPool Pool, SegmentReader Reader) Remove(LinkedListNode<(ReaderPool Pool, SegmentReader Reader)> node)
    {
        _byAge.Remove(node);
        if (_byPool[node.Value.Pool].Count == 0)
        {
            _byPool.Remove(node.Value.Pool);
        }

        return node.Value;
    }
}
