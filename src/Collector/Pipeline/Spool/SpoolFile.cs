using System.Buffers.Binary;
using Collector.Storage;
using Microsoft.Win32.SafeHandles;

namespace Collector.Pipeline.Spool;

/// <summary>
/// One append-only file of the spool: a magic word with the version, then entries of length (4), checksum (4) and
/// payload. Little-endian. What is behind <see cref="Length"/> was never acknowledged.
/// </summary>
internal sealed class SpoolFile : IDisposable
{
    public const int EntryHeadLength = 8;

    public const int MaxEntry = 1 << 30;
    private static ReadOnlySpan<byte> Magic => "CSPOOL1\n"u8;

    private readonly SafeFileHandle _handle;
    private readonly SpoolDisk _disk;
    private long _stop = long.MaxValue;

    private SpoolFile(SpoolFileName name, string path, SafeFileHandle handle, SpoolDisk disk)
    {
        Name = name;
        Path = path;
        _handle = handle;
        _disk = disk;
    }

    public SpoolFileName Name { get; }

    public string Path { get; }

    /// <summary>Bytes that are known to be on disk and whole.</summary>
    public long Length { get; private set; }

    /// <summary>Nothing is read from here on: it is <see cref="Length"/>, or where the disk failed.</summary>
    public long ReadableTo => Math.Min(Length, _stop);

    /// <summary>It could be read to its end, so far.</summary>
    public bool IsReadable => _stop == long.MaxValue;

    public static long FirstEntry => Magic.Length;

    /// <exception cref="IOException">The disk is full or failing.</exception>
    public static SpoolFile Create(string folder, SpoolFileName name, SpoolDisk disk)
    {
        var path = System.IO.Path.Combine(folder, name.ToString());
        var file = new SpoolFile(name, path, File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read), disk);
        try
        {
            RandomAccess.Write(file._handle, Magic, 0);
            FileSync.Default.SyncFile(file._handle, path);
            FileSync.Default.SyncFolder(folder);
            file.Length = Magic.Length;
            return file;
        }
        catch (IOException)
        {
            // Left there, it would stand in the way of every later try to create it.
            file.Dispose();
            File.Delete(path);
            throw;
        }
    }

    /// <summary>Opens what an earlier process left. Its length is all there is: reading finds out what of it is whole.</summary>
    public static SpoolFile Open(string folder, SpoolFileName name, SpoolDisk disk)
    {
        var path = System.IO.Path.Combine(folder, name.ToString());
        var file = new SpoolFile(name, path, File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read), disk);
        file.Length = RandomAccess.GetLength(file._handle);
        return file;
    }

    /// <summary>Appends entries (heads included) and syncs; on any failure the file is as before.</summary>
    /// <exception cref="IOException">The disk is full or failing; nothing was added.</exception>
    public void Append(ReadOnlySpan<byte> entries)
    {
        try
        {
            RandomAccess.Write(_handle, entries, Length);
            FileSync.Default.SyncFile(_handle, Path);
        }
        catch (IOException)
        {
            RandomAccess.SetLength(_handle, Length);
            throw;
        }

        Length += entries.Length;
    }

    public static void WriteHead(Span<byte> entry)
    {
        var payload = entry[EntryHeadLength..];
        BinaryPrimitives.WriteInt32LittleEndian(entry, payload.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(entry[4..], Crc32C.Of(payload));
    }

    /// <summary>Reads no further than this from now on.</summary>
    public void StopAt(long offset) => _stop = offset;

    /// <summary>True where the file begins as a spool file of this version does.</summary>
    /// <exception cref="IOException">The disk is failing.</exception>
    public bool HasMagic()
    {
        Span<byte> found = stackalloc byte[Magic.Length];
        return _disk.Read(_handle, found, 0) == found.Length && found.SequenceEqual(Magic);
    }

    /// <summary>
    /// Reads the entry at an offset. <see cref="SpoolReading.Payload"/> is empty where there is none: at the end,
    /// or where the file is torn.
    /// </summary>
    /// <exception cref="IOException">The disk is failing.</exception>
    public SpoolReading Read(long offset)
    {
        Span<byte> head = stackalloc byte[EntryHeadLength];
        if (offset >= ReadableTo)
        {
            return SpoolReading.End;
        }

        if (_disk.Read(_handle, head, offset) < EntryHeadLength)
        {
            return SpoolReading.Torn;
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(head);
        if (length is <= 0 or > MaxEntry || offset + EntryHeadLength + length > Length)
        {
            return SpoolReading.Torn;
        }

        var payload = GC.AllocateUninitializedArray<byte>(length);
        var isWhole = _disk.Read(_handle, payload, offset + EntryHeadLength) == length
            && Crc32C.Of(payload) == BinaryPrimitives.ReadUInt32LittleEndian(head[4..]);
        return new SpoolReading(isWhole ? SpoolReadingKind.Whole : SpoolReadingKind.Damaged, payload);
    }

    /// <summary>All bytes from an offset on.</summary>
    /// <exception cref="IOException">The disk is failing.</exception>
    public byte[] ReadFrom(long offset)
    {
        var bytes = GC.AllocateUninitializedArray<byte>((int)Math.Min(Length - offset, MaxEntry));
        return bytes[.._disk.Read(_handle, bytes, offset)];
    }

    /// <summary>Cuts off what is behind the offset; for torn tails.</summary>
    /// <exception cref="IOException">The disk is failing, or read-only.</exception>
    public void Cut(long offset)
    {
        RandomAccess.SetLength(_handle, offset);
        FileSync.Default.SyncFile(_handle, Path);
        Length = offset;
    }

    public void Dispose() => _handle.Dispose();
}

internal enum SpoolReadingKind
{
    Whole,

    /// <summary>Nothing more in this file.</summary>
    End,

    /// <summary>What follows is no entry: a write that never finished.</summary>
    Torn,

    /// <summary>An entry of plausible length whose checksum is wrong.</summary>
    Damaged,
}

/// <param name="Kind">What was found.</param>
/// <param name="Payload">Empty but for whole and damaged entries.</param>
internal readonly record struct SpoolReading(SpoolReadingKind Kind, byte[] Payload)
{
    public static SpoolReading End => new(SpoolReadingKind.End, []);

    public static SpoolReading Torn => new(SpoolReadingKind.Torn, []);

    public int EntryLength => SpoolFile.EntryHeadLength + Payload.Length;
}
