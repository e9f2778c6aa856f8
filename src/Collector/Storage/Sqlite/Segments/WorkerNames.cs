using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Collector.Storage.Sqlite.Segments;

/// <summary>
/// Workers' names as numbers of two bytes. Names beyond the bound, and very long ones, share the number
/// <see cref="Unknown"/>: their rows have to be read to be told apart. One thread interns, any may look up.
/// </summary>
internal sealed class WorkerNames
{
    public const ushort Unknown = 0;

    private const int MaxBytes = 256;

    private readonly int _maxNames;
    private readonly ConcurrentDictionary<byte[], ushort> _numbers = new(Utf8Comparer.Instance);
    private readonly ConcurrentDictionary<byte[], ushort>.AlternateLookup<ReadOnlySpan<byte>> _bySpan;

    // The interning thread's: neighbours are mostly of one worker.
    private byte[] _lastName = [];
    private ushort _lastNumber = Unknown;

    public WorkerNames(int maxNames = ushort.MaxValue)
    {
        _maxNames = maxNames;
        _bySpan = _numbers.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    public ushort Intern(ReadOnlySpan<byte> name)
    {
        if (_lastNumber != Unknown && name.SequenceEqual(_lastName))
        {
            return _lastNumber;
        }

        if (!_bySpan.TryGetValue(name, out var known, out var number))
        {
            if (name.Length > MaxBytes || _numbers.Count >= _maxNames)
            {
                return Unknown;
            }

            known = name.ToArray();
            number = (ushort)(_numbers.Count + 1);
            _numbers[known] = number;
        }

        _lastName = known;
        _lastNumber = number;
        return number;
    }

    /// <summary>The number of this worker's rows; <see cref="Unknown"/> where it has none of its own.</summary>
    public ushort NumberOf(ReadOnlySpan<byte> name) => _bySpan.TryGetValue(name, out var number) ? number : Unknown;

    private sealed class Utf8Comparer
        : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static readonly Utf8Comparer Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode([DisallowNull] byte[] obj) => GetHashCode(obj.AsSpan());

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = new HashCode();
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
