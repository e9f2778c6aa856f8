using System.Buffers;
using System.Numerics;

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

    // Of a body that has grown large. Small steps where growing costs nothing: what is taken is what has come.
    private const int LargeStep = 1 << 20;

    private readonly IByteAllowance _allowance;
    private readonly bool _isBody;
    private byte[] _bytes = [];
    private LargeBytes? _large;

    /// <param name="allowance">Asked for every growth.</param>
    /// <param name="capacity">Room to start with; must already be within what the caller may hold.</param>
    public ByteBuffer(IByteAllowance allowance, int capacity = 0)
        : this(allowance, isBody: false)
    {
        if (capacity > 0)
        {
            EnsureFree(capacity);
        }
    }

    private ByteBuffer(IByteAllowance allowance, bool isBody)
    {
        _allowance = allowance;
        _isBody = isBody;
    }

    /// <summary>
    /// For a message, which is filled once and then only read: when it is large it leaves the managed heap, grows without
    /// copies and is freed at once. Never append to it what stands in it.
    /// </summary>
    public static ByteBuffer ForBody(IByteAllowance allowance) => new(allowance, isBody: true);

    public int Length { get; private set; }

    /// <summary>Bytes that fit without growing.</summary>
    public int Capacity => _large?.Length ?? _bytes.Length;

    /// <summary>Bytes taken from the allowance.</summary>
    public long Held { get; private set; }

    /// <summary>The allowance has refused, or <see cref="MaxLength"/> was reached.</summary>
    public bool Refused { get; private set; }

    /// <summary>Most that it may grow to; what the pool gives beyond that can still be used.</summary>
    public int MaxLength { get; set; } = Array.MaxLength;

    /// <summary>It was refused because of <see cref="MaxLength"/>, not by the allowance.</summary>
    public bool IsTooLong { get; private set; }

    public ReadOnlySpan<byte> Written => All[..Length];

    public Span<byte> WrittenMutable => All[..Length];

    public ReadOnlyMemory<byte> WrittenMemory => _large is null ? _bytes.AsMemory(0, Length) : _large.Memory[..Length];

    private Span<byte> All => _large is null ? _bytes : _large.GetSpan();

    /// <summary>
    /// Free space of at least <paramref name="size"/> bytes; empty once the allowance has refused. Call
    /// <see cref="Advance"/> with what was used.
    /// </summary>
    public Span<byte> GetSpan(int size) => EnsureFree(size) ? All[Length..] : default;

    /// <inheritdoc cref="GetSpan"/>
    public Memory<byte> GetMemory(int size) =>
        !EnsureFree(size) ? default : _large is null ? _bytes.AsMemory(Length) : _large.Memory[Length..];

    public void Advance(int count) => Length += count;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (EnsureFree(bytes.Length))
        {
            bytes.CopyTo(All[Length..]);
            Length += bytes.Length;
        }
    }

    public void Append(byte value)
    {
        if (EnsureFree(1))
        {
            All[Length++] = value;
        }
    }

    /// <summary>
    /// The capacity to take for so many bytes more: what is there doubles, up to a step of 1 MiB, but it takes no more
    /// than is expected in all.
    /// </summary>
    /// <param name="size">Bytes that have come.</param>
    /// <param name="expected">Length in the end, as far as it is known.</param>
    public int NextCapacity(int size, int expected)
    {
        var needed = (long)Length + size;
        var step = Math.Min(Capacity, Capacity >= LargeStep ? Math.Max(LargeStep, Capacity / 16) : LargeStep);
        return (int)Math.Max(needed, Math.Min(Capacity + (long)step, expected));
    }

    /// <summary>Bytes that the allowance will be asked for when it grows to this capacity.</summary>
    public long CostOf(int capacity) => Math.Max(0, Rounded(capacity) - Held);

    /// <summary>Grows to this capacity; what was announced by <see cref="CostOf"/> is taken.</summary>
    public void Grow(int capacity)
    {
        if (capacity > Capacity && !Refused)
        {
            Refused = !TryReplace((int)Rounded(capacity));
        }
    }

    /// <summary>Forgets everything from <paramref name="length"/> on.</summary>
    public void Truncate(int length) => Length = length;

    public void Dispose()
    {
        Return(_bytes);
        _bytes = [];
        ((IDisposable?)_large)?.Dispose();
        _large = null;
        _allowance.GiveBack(Held);
        Held = 0;
        Length = 0;
    }

    // What the pool gives anyway, and what is therefore held.
    private static long Rounded(long capacity) =>
        capacity <= MaxPooled ? Math.Max(16, (long)BitOperations.RoundUpToPowerOf2((ulong)capacity)) : capacity;

    private bool EnsureFree(int size) => Capacity - Length >= size && !Refused || MakeRoom(size);

    private bool MakeRoom(int size)
    {
        var needed = (long)Length + size;
        IsTooLong |= needed > MaxLength;
        if (Refused || IsTooLong || !TryGrow(needed))
        {
            Refused = true;
            return false;
        }

        return true;
    }

    // Doubling is tried first; near the bound the allowance may still grant a smaller step. A large buffer grows by an eighth
    // at least: step by step for a few bytes each, every one would copy the whole of it.
    private bool TryGrow(long needed)
    {
        var wanted = _isBody ? NextCapacity((int)needed - Length, MaxLength) : Math.Min(Math.Max(needed, Capacity * 2L), MaxLength);
        return TryReplace((int)Rounded(wanted))
            || TryReplace((int)(needed <= MaxPooled ? needed : Math.Min(wanted, Math.Max(needed, Capacity + (Capacity / 8L)))));
    }

    private bool TryReplace(int capacity)
    {
        if (!_allowance.TryTake(capacity - Held))
        {
            return false;
        }

        Held = capacity;
        if (_isBody && capacity > MaxPooled)
        {
            Enlarge(capacity);
            return true;
        }

        var larger = capacity <= MaxPooled
            ? ArrayPool<byte>.Shared.Rent(capacity)
            : GC.AllocateUninitializedArray<byte>(capacity);
        _bytes.AsSpan(0, Length).CopyTo(larger);
        Return(_bytes);
        _bytes = larger;
        return true;
    }

    private void Enlarge(int capacity)
    {
        if (_large is not null)
        {
            _large.Resize(capacity);
            return;
        }

        var large = new LargeBytes();
        large.Resize(capacity);
        _bytes.AsSpan(0, Length).CopyTo(large.GetSpan());
        Return(_bytes);
        _bytes = [];
        _large = large;
    }

    private static void Return(byte[] bytes)
    {
        if (bytes.Length is > 0 and <= MaxPooled)
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }
}
