using System.Buffers;

namespace Collector.Model;

/// <summary>
/// A growing run of bytes in pooled memory. Every growth is asked of the allowance first; after a refusal the buffer
/// is <see cref="Refused"/>: it takes nothing more, and what it holds must not be used.
/// </summary>
internal sealed class ByteBuffer : IDisposable
{
    // The shared pool rounds up to powers of two and keeps what it got: right for everyday requests, wrong for a
    // rare 64 MiB one, which would become 128 MiB that never leave.
    private const int MaxPooled = 1 << 20;

    private readonly IByteAllowance _allowance;
    private byte[] _bytes = [];

    /// <param name="allowance">Asked for every growth.</param>
    /// <param name="capacity">Room to start with; must already be within what the caller may hold.</param>
    public ByteBuffer(IByteAllowance allowance, int capacity = 0)
    {
        _allowance = allowance;
        if (capacity > 0)
        {
            EnsureFree(capacity);
        }
    }

    public int Length { get; private set; }

    /// <summary>Bytes taken from the allowance.</summary>
    public long Held { get; private set; }

    /// <summary>The allowance has refused.</summary>
    public bool Refused { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    public Span<byte> WrittenMutable => _bytes.AsSpan(0, Length);

    public ReadOnlyMemory<byte> WrittenMemory => _bytes.AsMemory(0, Length);

    /// <summary>
    /// Free space of at least <paramref name="size"/> bytes; empty once the allowance has refused. Call
    /// <see cref="Advance"/> with what was used.
    /// </summary>
    public Span<byte> GetSpan(int size) => EnsureFree(size) ? _bytes.AsSpan(Length) : default;

    /// <inheritdoc cref="GetSpan"/>
    public Memory<byte> GetMemory(int size) => EnsureFree(size) ? _bytes.AsMemory(Length) : default;

    public void Advance(int count) => Length += count;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (EnsureFree(bytes.Length))
        {
            bytes.CopyTo(_bytes.AsSpan(Length));
            Length += bytes.Length;
        }
    }

    public void Append(byte value)
    {
        if (EnsureFree(1))
        {
            _bytes[Length++] = value;
        }
    }

    /// <summary>Forgets everything from <paramref name="length"/> on.</summary>
    public void Truncate(int length) => Length = length;

    public void Dispose()
    {
        Return(_bytes);
        _allowance.GiveBack(Held);
        _bytes = [];
        Held = 0;
        Length = 0;
    }

    private bool EnsureFree(int size) => _bytes.Length - Length >= size && !Refused || Grow(size);

    private bool Grow(int size)
    {
        var wanted = Math.Min(Math.Max(Length + (long)size, _bytes.Length * 2L), Array.MaxLength);
        if (wanted <= MaxPooled)
        {
            // What the pool gives anyway, and what is therefore held.
            wanted = Math.Max(16, (long)System.Numerics.BitOperations.RoundUpToPowerOf2((ulong)wanted));
        }

        if (Refused || wanted < Length + (long)size || !TryReplace((int)wanted, Length + size))
        {
            Refused = true;
            return false;
        }

        return true;
    }

    // Doubling is tried first; near the bound the allowance may still grant a smaller step. A large buffer grows by an eighth
    // at least: step by step for a few bytes each, every one would copy the whole of it.
    private bool TryReplace(int wanted, int needed)
    {
        if (!_allowance.TryTake(wanted - Held))
        {
            wanted = needed <= MaxPooled ? needed : (int)Math.Min(wanted, Math.Max(needed, _bytes.Length + (_bytes.Length / 8L)));
            if (!_allowance.TryTake(wanted - Held))
            {
                return false;
            }
        }

        Held = wanted;
        var larger = wanted <= MaxPooled
            ? ArrayPool<byte>.Shared.Rent(wanted)
            : GC.AllocateUninitializedArray<byte>(wanted);
        _bytes.AsSpan(0, Length).CopyTo(larger);
        Return(_bytes);
        _bytes = larger;
        return true;
    }

    private static void Return(byte[] bytes)
    {
        if (bytes.Length is > 0 and <= MaxPooled)
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }
}
