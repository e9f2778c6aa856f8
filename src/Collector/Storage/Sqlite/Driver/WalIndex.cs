using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Collector.Storage.Sqlite.Driver;

/// <summary>
/// The index of a write-ahead log, <c>-shm</c>, as a killed process left it. It is shared memory: it says how far the log went
/// when the process ended, also where the log's own end is gone.
/// </summary>
/// <param name="Salt">Of the log that it is the index of.</param>
/// <param name="Frames">That were committed: they are counted here after their sync.</param>
/// <param name="Copied">That have come into the file.</param>
/// <seealso href="https://www.sqlite.org/walformat.html#the_wal_index_file_format"/>
internal readonly record struct WalIndex(ulong Salt, long Frames, long Copied)
{
    private const int Version = 3_007_000;
    private const int HeadLength = 48;
    private const int SaltAt = 32;
    private const int FramesAt = 16;
    private const int CopiedAt = 2 * HeadLength;

    /// <summary>Null where there is none, or none that was written whole.</summary>
    /// <exception cref="IOException">It can't be read.</exception>
    public static WalIndex? TryRead(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        Span<byte> bytes = stackalloc byte[CopiedAt + sizeof(uint)];
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
        {
            return null;
        }

        // It stands there twice, since readers look while it is written.
        var head = bytes[..HeadLength];
        return head.SequenceEqual(bytes.Slice(HeadLength, HeadLength)) && MemoryMarshal.Read<uint>(head) == Version
            ? new WalIndex(
                BinaryPrimitives.ReadUInt64BigEndian(head[SaltAt..]),
                MemoryMarshal.Read<uint>(head[FramesAt..]),
                MemoryMarshal.Read<uint>(bytes[CopiedAt..]))
            : null;
    }
}
