using System.Buffers;
using System.Runtime.InteropServices;
using Collector.Model;

namespace Collector.Receive.Request;

/// <summary>
/// Where inflated bytes go. It takes memory as they come and stops at the limit, so that a bomb never occupies more than
/// that; what the inflating library keeps of them counts too. A long message of unknown length is gathered in pieces: a
/// buffer that doubles left 130 MiB of garbage for each bomb, and three in a row made 790 MB of a process.
/// </summary>
/// <param name="target">Gets the bytes.</param>
/// <param name="allowance">Asked for the pieces and for the library's memory.</param>
/// <param name="limit">Most bytes of a message.</param>
internal sealed class Inflation(ByteBuffer target, IByteAllowance allowance, int limit) : IDisposable
{
    private const int Step = 16 * 1024;

    // The largest array that the pool keeps for the next one.
    private const int PieceBytes = 1 << 20;

    private readonly List<byte[]> _pieces = [];
    private int _usedOfLast;
    private bool _isExpected;
    private long _window;

    private long Length => target.Length + (Math.Max(_pieces.Count - 1, 0) * (long)PieceBytes) + _usedOfLast;

    private static ReceiveResult NoMemory => ReceiveResult.Overloaded("no memory is free for the inflated request");

    /// <summary>What a library reads the compressed bytes from.</summary>
    public static MemoryStream StreamOf(ReadOnlyMemory<byte> bytes)
    {
        MemoryMarshal.TryGetArray(bytes, out var array);
        return new MemoryStream(array.Array!, array.Offset, array.Count, writable: false);
    }

    /// <summary>Makes room for a length that the sender claims and that its bytes can hold: one exact allocation, mostly.</summary>
    public void Expect(long length)
    {
        _isExpected = true;
        target.GetSpan((int)Math.Min(length, limit) + 1);
    }

    /// <summary>Takes all that comes; it is in the target after <see cref="Finish"/>.</summary>
    /// <param name="plain">Inflates while it is read.</param>
    /// <param name="window">
    /// The most that the library keeps of what came: it is counted as far as it is in use, since a sender names a window
    /// for its largest message, and memory that nobody writes to is not there.
    /// </param>
    public ReceiveResult CopyFrom(Stream plain, long window = 0)
    {
        while (true)
        {
            var free = Room();
            if (free.IsEmpty || !TryCount(Math.Min(window, Length)))
            {
                return NoMemory;
            }

            var count = plain.Read(free);
            if (count == 0)
            {
                return ReceiveResult.Ok;
            }

            Advance(count);
            if (Length > limit)
            {
                return ReceiveResult.TooLarge(limit);
            }
        }
    }

    /// <summary>Gives a block's whole length to who fills it at once.</summary>
    public ReceiveResult Fill(int length, Func<Memory<byte>, int> fill)
    {
        if (length > limit)
        {
            return ReceiveResult.TooLarge(limit);
        }

        var free = target.GetMemory(length);
        if (free.Length < length)
        {
            return NoMemory;
        }

        target.Advance(fill(free[..length]));
        return ReceiveResult.Ok;
    }

    /// <summary>Puts the pieces together.</summary>
    public ReceiveResult Finish()
    {
        if (_pieces.Count == 0)
        {
            return ReceiveResult.Ok;
        }

        // They are counted as what they become; the pool has them meanwhile.
        var rest = (int)(Length - target.Length);
        allowance.GiveBack(_pieces.Count * (long)PieceBytes);
        var whole = target.GetSpan(rest);
        for (var i = 0; i < _pieces.Count; i++)
        {
            if (!whole.IsEmpty)
            {
                _pieces[i].AsSpan(0, Math.Min(PieceBytes, rest - (i * PieceBytes))).CopyTo(whole[(i * PieceBytes)..]);
            }

            ArrayPool<byte>.Shared.Return(_pieces[i]);
        }

        _pieces.Clear();
        _usedOfLast = 0;
        target.Advance(target.Refused ? 0 : rest);
        return target.Refused ? NoMemory : ReceiveResult.Ok;
    }

    public void Dispose()
    {
        allowance.GiveBack(_window + (_pieces.Count * (long)PieceBytes));
        _window = 0;
        _pieces.ForEach(static piece => ArrayPool<byte>.Shared.Return(piece));
        _pieces.Clear();
    }

    // One byte beyond the limit, to see whether anything comes there.
    private Span<byte> Room()
    {
        var size = (int)Math.Min(Step, Math.Max(limit - Length, 1));
        if (_isExpected || target.Length < PieceBytes)
        {
            var free = target.GetSpan(size);
            return _isExpected ? free : free[..Math.Min(free.Length, PieceBytes - target.Length)];
        }

        if (_pieces.Count == 0 || _usedOfLast == PieceBytes)
        {
            if (!allowance.TryTake(PieceBytes))
            {
                return default;
            }

            _pieces.Add(ArrayPool<byte>.Shared.Rent(PieceBytes));
            _usedOfLast = 0;
        }

        return _pieces[^1].AsSpan(_usedOfLast, PieceBytes - _usedOfLast);
    }

    private void Advance(int count)
    {
        if (_pieces.Count > 0)
        {
            _usedOfLast += count;
        }
        else
        {
            target.Advance(count);
        }
    }

    private bool TryCount(long window)
    {
        if (window <= _window)
        {
            return true;
        }

        // By doubling, or each step would ask.
        var more = Math.Max(window, Math.Min(_window * 2, limit)) - _window;
        if (!allowance.TryTake(more))
        {
            return false;
        }

        _window += more;
        return true;
    }
}
