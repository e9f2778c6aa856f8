using System.Buffers.Binary;

namespace Collector.Storage.Sqlite.Driver;

/// <summary>
/// A write-ahead log as a killed process left it. SQLite's recovery ends at the first frame whose checksum is wrong, and
/// says nothing of what stands behind it. That is right for a tail that was being written; but where a committed frame of
/// the same log follows, rows that were acknowledged stand behind one bad bit.
///
/// Each frame holds a whole page and a checksum that goes on from the frame before, both as they were written: so the frames
/// behind a bad one can still be told good from bad. <see cref="WriteRepaired"/> writes the log again without the bad ones.
/// Then only those pages are wrong that no later frame holds.
/// </summary>
/// <seealso href="https://www.sqlite.org/fileformat2.html#the_write_ahead_log"/>
internal sealed class WalFile
{
    public const int HeaderLength = 32;
    public const int FrameHeaderLength = 24;

    private const uint Magic = 0x377f0682;
    private const uint Version = 3_007_000;

    private readonly FileStream _file;
    private readonly byte[] _header = new byte[HeaderLength];
    private readonly List<long> _good = [];
    private readonly ulong _salt;
    private readonly int _pageSize;
    private readonly bool _isHeaderGood;
    private readonly byte[] _frame;

    // The number of frames up to the last committed one that is good; and how many SQLite would recover.
    private int _committed;
    private long _recovered;

    private WalFile(FileStream file, int pageSize)
    {
        _file = file;
        _file.ReadExactly(_header);
        _isHeaderGood = IsHeaderGood(_header);
        if (!_isHeaderGood)
        {
            // Which order of bytes the sums have: this machine's.
            _header[3] = (byte)(BitConverter.IsLittleEndian ? 0x82 : 0x83);
        }

        _pageSize = _isHeaderGood ? (int)BinaryPrimitives.ReadUInt32BigEndian(_header.AsSpan(8)) : pageSize;
        _frame = new byte[FrameHeaderLength + _pageSize];
        _salt = _isHeaderGood ? BinaryPrimitives.ReadUInt64BigEndian(_header.AsSpan(16)) : SaltOfFirst();
        Walk();
    }

    /// <summary>Its frames have it too.</summary>
    public ulong Salt => _salt;

    /// <summary>The number of the last committed frame that can be read; 0 where none can.</summary>
    public long Committed { get; private set; }

    /// <summary>Frames that can't be read, before the last committed one that can.</summary>
    public long BadFrames { get; private set; }

    /// <summary>Frames that SQLite's recovery would leave out, although they were committed.</summary>
    public long FramesBehind { get; private set; }

    /// <summary>Recovery would stop before the last committed frame.</summary>
    public bool IsCut => FramesBehind > 0;

    /// <summary>Takes away what stands behind so many frames. The log may be open in SQLite, which does not look behind them.</summary>
    /// <exception cref="IOException">It can't be cut.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be cut.</exception>
    public static void CutBehind(string path, long frames, int pageSize)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        var end = HeaderLength + (frames * (FrameHeaderLength + pageSize));
        if (file.Length > end)
        {
            file.SetLength(end);
        }
    }

    /// <summary>Null where there is no log, or an empty one.</summary>
    /// <param name="path">Of the log.</param>
    /// <param name="pageSize">Counts where the log's own header can't be read.</param>
    /// <exception cref="IOException">It can't be read.</exception>
    public static WalFile? TryRead(string path, int pageSize)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1 << 20);
        return file.Length < HeaderLength + FrameHeaderLength + pageSize ? null : new WalFile(file, pageSize);
    }

    /// <summary>Writes the good frames up to the last committed one as a log of their own, on disk when it returns.</summary>
    /// <exception cref="IOException">It can't be read or written.</exception>
    public void WriteRepaired(string from, string to)
    {
        using var source = new FileStream(from, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        // Written through: the framework's flush does not tell whether it failed.
        using var target = new FileStream(to, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 1 << 20, FileOptions.WriteThrough);
        var header = NewHeader();
        target.Write(header);
        var sum = SumIn(header.AsSpan(24));
        for (var i = 0; i < _committed; i++)
        {
            source.Position = OffsetOf(_good[i]);
            source.ReadExactly(_frame);
            sum = SumOf(_frame.AsSpan(FrameHeaderLength), SumOf(_frame.AsSpan(0, 8), sum));
            BinaryPrimitives.WriteUInt64BigEndian(_frame.AsSpan(8), _salt);
            BinaryPrimitives.WriteUInt64BigEndian(_frame.AsSpan(16), sum);
            target.Write(_frame);
        }
    }

    private void Walk()
    {
        var frames = (_file.Length - HeaderLength) / _frame.Length;
        var before = SumIn(_isHeaderGood ? _header.AsSpan(24) : NewHeader().AsSpan(24));
        var isWhole = _isHeaderGood;
        for (var number = 0L; number < frames; number++)
        {
            _file.Position = OffsetOf(number);
            _file.ReadExactly(_frame);
            var sum = SumOf(_frame.AsSpan(FrameHeaderLength), SumOf(_frame.AsSpan(0, 8), before));
            before = SumIn(_frame.AsSpan(16));
            // A log without its header has lost the sum that its first frame's goes on from.
            var isGood = BinaryPrimitives.ReadUInt64BigEndian(_frame.AsSpan(8)) == _salt && sum == before;
            if (!isGood)
            {
                isWhole = false;
                continue;
            }

            _good.Add(number);
            if (BinaryPrimitives.ReadUInt32BigEndian(_frame.AsSpan(4)) != 0)
            {
                _committed = _good.Count;
                Committed = number + 1;
                _recovered = isWhole ? _committed : _recovered;
            }
        }

        FramesBehind = _committed - _recovered;
        BadFrames = FramesBehind > 0 ? Committed - _committed : 0;
    }

    // All frames of one log bear the same salts: those of the first one whose sum goes on from the frame before it, since the
    // first ones may be as damaged as the header. Of a single frame, its own.
    private ulong SaltOfFirst()
    {
        var before = 0UL;
        for (var i = 0L; OffsetOf(i + 1) <= _file.Length; i++)
        {
            _file.Position = OffsetOf(i);
            _file.ReadExactly(_frame);
            var sum = SumOf(_frame.AsSpan(FrameHeaderLength), SumOf(_frame.AsSpan(0, 8), before));
            before = SumIn(_frame.AsSpan(16));
            if (i > 0 && sum == before)
            {
                return BinaryPrimitives.ReadUInt64BigEndian(_frame.AsSpan(8));
            }
        }

        return BinaryPrimitives.ReadUInt64BigEndian(_frame.AsSpan(8));
    }

    private byte[] NewHeader()
    {
        var header = _header.ToArray();
        BinaryPrimitives.WriteUInt32BigEndian(header, Magic | (header[3] & 1u));
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4), Version);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(8), (uint)_pageSize);
        BinaryPrimitives.WriteUInt64BigEndian(header.AsSpan(16), _salt);
        BinaryPrimitives.WriteUInt64BigEndian(header.AsSpan(24), SumOf(header.AsSpan(0, 24), 0));
        return header;
    }

    private static bool IsHeaderGood(byte[] header) =>
        (BinaryPrimitives.ReadUInt32BigEndian(header) & ~1u) == Magic
        && BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(4)) == Version
        && BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(8)) is >= 512 and <= 65_536
        && SumOf(header.AsSpan(0, 24), 0, (header[3] & 1) != 0) == SumIn(header.AsSpan(24));

    private long OffsetOf(long number) => HeaderLength + (number * _frame.Length);

    private ulong SumOf(ReadOnlySpan<byte> bytes, ulong before) => SumOf(bytes, before, (_header[3] & 1) != 0);

    // The two sums of 32 bits, the first one above. The order of bytes in a word is the writer's, as the magic says.
    private static ulong SumOf(ReadOnlySpan<byte> bytes, ulong before, bool isBigEndian)
    {
        var (first, second) = ((uint)(before >> 32), (uint)before);
        for (var at = 0; at + 8 <= bytes.Length; at += 8)
        {
            var (one, two) = isBigEndian
                ? (BinaryPrimitives.ReadUInt32BigEndian(bytes[at..]), BinaryPrimitives.ReadUInt32BigEndian(bytes[(at + 4)..]))
                : (BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]), BinaryPrimitives.ReadUInt32LittleEndian(bytes[(at + 4)..]));
            first += one + second;
            second += two + first;
        }

        return ((ulong)first << 32) | second;
    }

    private static ulong SumIn(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt64BigEndian(bytes);
}
