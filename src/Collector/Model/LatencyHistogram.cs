using System.Buffers;

namespace Collector.Model;

/// <summary>
/// Durations in exponential buckets: bucket i holds what lies above γ^(i-1) and up to γ^i milliseconds, with γ = 1.02.
/// What is read from a bucket is its middle, which is off by at most (γ - 1) / (γ + 1), that is 0.99 %. Only buckets in
/// use take memory, 6 bytes each. Not safe for threads.
/// </summary>
internal sealed class LatencyHistogram
{
    private const double Gamma = 1.02;
    private const short ZeroBucket = short.MinValue;

    // From a nanosecond to thirty years; what lies outside counts to the ends.
    private const double Shortest = 1e-6;
    private const double Longest = 1e12;

    private static readonly double _logGamma = Math.Log(Gamma);

    // Ascending.
    private short[] _buckets = new short[4];
    private int[] _counts = new int[4];
    private int _used;

    /// <summary>Durations recorded.</summary>
    public long Count { get; private set; }

    /// <summary>Exact; zero where there is none.</summary>
    public double Max { get; private set; }

    /// <summary>Buckets in use.</summary>
    public int Buckets => _used;

    public void Record(double milliseconds)
    {
        Add(BucketOf(milliseconds), 1);
        Max = Math.Max(Max, milliseconds);
    }

    /// <summary>Forgets all durations and keeps the memory.</summary>
    public void Clear()
    {
        _used = 0;
        Count = 0;
        Max = 0;
    }

    public void Add(LatencyHistogram other)
    {
        for (var i = 0; i < other._used; i++)
        {
            Add(other._buckets[i], other._counts[i]);
        }

        Max = Math.Max(Max, other.Max);
    }

    /// <summary>The duration that this share of all does not exceed (nearest rank); zero where there is none.</summary>
    /// <param name="share">Above 0, up to 1.</param>
    public double Percentile(double share)
    {
        var rank = (long)Math.Ceiling(share * Count);
        for (var i = 0; i < _used; i++)
        {
            rank -= _counts[i];
            if (rank <= 0)
            {
                return Math.Min(MiddleOf(_buckets[i]), Max);
            }
        }

        return Max;
    }

    /// <summary>Appends the buckets as pairs of varints: the step from the bucket before, and the count.</summary>
    public void Write(IBufferWriter<byte> target)
    {
        var before = (int)ZeroBucket;
        for (var i = 0; i < _used; i++)
        {
            WriteVarint(target, (uint)(_buckets[i] - before));
            WriteVarint(target, (uint)_counts[i]);
            before = _buckets[i];
        }
    }

    /// <summary>Adds what <see cref="Write"/> wrote; other bytes end it. Does not throw.</summary>
    public void Read(ReadOnlySpan<byte> bytes, double max)
    {
        var bucket = (long)ZeroBucket;
        while (TryReadVarint(ref bytes, out var step) && TryReadVarint(ref bytes, out var count))
        {
            bucket += step;
            if (bucket > short.MaxValue || count > int.MaxValue)
            {
                return;
            }

            Add((short)bucket, (int)count);
        }

        Max = Math.Max(Max, max);
    }

    private static short BucketOf(double milliseconds) =>
        milliseconds <= 0 || double.IsNaN(milliseconds) ? ZeroBucket
        : (short)Math.Ceiling(Math.Log(Math.Clamp(milliseconds, Shortest, Longest)) / _logGamma);

    private static double MiddleOf(short bucket) => bucket == ZeroBucket ? 0 : 2 * Math.Pow(Gamma, bucket) / (Gamma + 1);

    private static void WriteVarint(IBufferWriter<byte> target, uint value)
    {
        var span = target.GetSpan(5);
        var length = 0;
        for (; value >= 0x80; value >>= 7)
        {
            span[length++] = (byte)(value | 0x80);
        }

        span[length++] = (byte)value;
        target.Advance(length);
    }

    private static bool TryReadVarint(ref ReadOnlySpan<byte> bytes, out uint value)
    {
        value = 0;
        for (var i = 0; i < bytes.Length && i < 5; i++)
        {
            value |= (uint)(bytes[i] & 0x7F) << (7 * i);
            if (bytes[i] < 0x80)
            {
                bytes = bytes[(i + 1)..];
                return true;
            }
        }

        return false;
    }

    private void Add(short bucket, int count)
    {
        Count += count;
        var at = Array.BinarySearch(_buckets, 0, _used, bucket);
        if (at >= 0)
        {
            _counts[at] += count;
            return;
        }

        Insert(~at, bucket, count);
    }

    private void Insert(int at, short bucket, int count)
    {
        if (_used == _buckets.Length)
        {
            Array.Resize(ref _buckets, _used * 2);
            Array.Resize(ref _counts, _used * 2);
        }

        _buckets.AsSpan(at, _used - at).CopyTo(_buckets.AsSpan(at + 1));
        _counts.AsSpan(at, _used - at).CopyTo(_counts.AsSpan(at + 1));
        _buckets[at] = bucket;
        _counts[at] = count;
        _used++;
    }
}
