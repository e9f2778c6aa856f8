namespace Collector.Storage.Sqlite;

/// <summary>
/// Idle read-only connections of one segment. How many there can be is bounded by <see cref="SqliteReader"/>, since a
/// question takes one a segment.
/// </summary>
internal sealed class ReaderPool(string path) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Stack<SegmentReader> _idle = [];
    private bool _disposed;

    public SegmentReader Rent()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_idle.TryPop(out var reader))
            {
                return reader;
            }
        }

        return SegmentReader.Open(path);
    }

    public void Return(SegmentReader reader)
    {
        lock (_gate)
        {
            if (!_disposed)
            {
                _idle.Push(reader);
                return;
            }
        }

        reader.Dispose();
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            while (_idle.TryPop(out var reader))
            {
                reader.Dispose();
            }
        }
    }
}
