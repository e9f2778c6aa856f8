using Collector.Model;

namespace Collector.Receive.Request;

/// <summary>
/// Where inflated bytes go. It takes memory as they come and stops at the limit, so that a bomb never occupies more than
/// that; what the inflating library keeps of them counts too.
/// </summary>
/// <param name="target">Gets the bytes.</param>
/// <param name="allowance">Asked for the library's memory.</param>
/// <param name="limit">Most bytes of a message.</param>
internal sealed class Inflation(ByteBuffer target, IByteAllowance allowance, int limit) : IDisposable
{
    private const int Step = 16 * 1024;

    // Of a length that a sender claims, so much is believed.
    private const int MostExpected = 1 << 20;

    private long _window;

    private static ReceiveResult NoMemory => ReceiveResult.Overloaded("no memory is free for the inflated request");

    /// <summary>Makes room for a length that the sender claims and that its bytes can hold: one exact allocation, mostly.</summary>
    public void Expect(long length) => target.GetSpan((int)Math.Min(length, Math.Min(limit, MostExpected)) + 1);

    /// <summary>Takes all that comes.</summary>
    /// <param name="plain">Inflates while it is read.</param>
    /// <param name="window">
    /// The most that the library keeps of what came: it is counted as far as it is in use, since a sender names a window
    /// for its largest message, and memory that nobody writes to is not there.
    /// </param>
    public ReceiveResult CopyFrom(Stream plain, long window = 0)
    {
        while (true)
        {
            // One byte beyond the limit, to see whether anything comes there.
            var free = target.GetSpan(Math.Min(Step, Math.Max(limit - target.Length, 1)));
            if (free.IsEmpty || !TryCount(Math.Min(window, target.Length)))
            {
                return NoMemory;
            }

            var count = plain.Read(free);
            if (count == 0)
            {
                return ReceiveResult.Ok;
            }

            target.Advance(count);
            if (target.Length > limit)
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

    public void Dispose()
    {
        allowance.GiveBack(_window);
        _window = 0;
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
