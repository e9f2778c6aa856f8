using System.Buffers;

namespace Collector.Query;

/// <summary>
/// Grows by pieces from the pool. An array that doubles leaves twice what it holds among the large objects, which only a
/// full collection frees: a minute of large answers took 445 MB.
/// </summary>
internal sealed class PooledBytes : IBufferWriter<byte>, IDisposable
{
    // Below a large object.
    private const int PieceBytes = 64 * 1024;

    private readonly List<(byte[] Bytes, int Length)> _full = [];
    private byte[] _piece = [];
    private int _length;

    public void Advance(int count) => _length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (_piece.Length - _length < Math.Max(sizeHint, 1))
        {
            if (_piece.Length > 0)
            {
                _full.Add((_piece, _length));
            }

            _piece = ArrayPool<byte>.Shared.Rent(Math.Max(sizeHint, PieceBytes));
            _length = 0;
        }

        return _piece.AsMemory(_length);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <summary>All that was written; it is gone when this is disposed.</summary>
    public ReadOnlySequence<byte> Written()
    {
        var first = new Piece(default, null);
        var last = first;
        foreach (var (bytes, length) in _full)
        {
            last = new Piece(bytes.AsMemory(0, length), last);
        }

        last = new Piece(_piece.AsMemory(0, _length), last);
        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    public void Dispose()
    {
        _full.ForEach(static full => ArrayPool<byte>.Shared.Return(full.Bytes));
        _full.Clear();
        if (_piece.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_piece);
        }

        (_piece, _length) = ([], 0);
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> bytes, Piece? before)
        {
            Memory = bytes;
            RunningIndex = before is null ? 0 : before.RunningIndex + before.Memory.Length;
            before?.Next = this;
        }
    }
}
