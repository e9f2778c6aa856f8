using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using Collector.Model;
using Collector.Storage;

namespace Collector.Pipeline.Spool;

/// <summary>
/// Reads the spool files of versions before 0.2 (<c>spool-000001.bin</c>: a magic word, then entries of length, CRC-32C and
/// payload), once: their requests go into the spool of today, and the files are deleted. It stays until 0.3.
/// </summary>
internal sealed partial class OldSpool(string folder, ILogger log)
{
    private const int HeadLength = 8;
    private const int BytesOfTransaction = 4 << 20;

    // Bytes of which the checksum is taken in search of the next entry: whoever may write messages could make every byte look
    // like the head of one.
    private const long MaxChecked = 1L << 32;

    private static ReadOnlySpan<byte> Magic => "CSPOOL1\n"u8;

    /// <summary>Moves what is there; whatever the files are, it does not throw.</summary>
    /// <returns>A request for each place of a file that can't be read: it was acknowledged, and is lost.</returns>
    public IReadOnlyList<SpooledRequest> MoveTo(ISpoolStore store)
    {
        var lost = new List<SpooledRequest>();
        try
        {
            foreach (var path in Directory.EnumerateFiles(folder, "spool-*.bin").Order(StringComparer.Ordinal).ToArray())
            {
                Move(path, store, lost);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            NotMoved(folder, e.Message);
        }

        return lost;
    }

    private void Move(string path, ISpoolStore store, List<SpooledRequest> lost)
    {
        var bytes = File.ReadAllBytes(path);
        var changed = Timestamps.ToNanos(new DateTimeOffset(File.GetLastWriteTimeUtc(path)));
        var damages = 0;
        var group = new List<SpoolEntry>();
        var groupBytes = 0;
        for (var at = bytes.AsSpan().StartsWith(Magic) ? Magic.Length : NextEntry(bytes, 0, ref damages); at < bytes.Length;)
        {
            var length = LengthAt(bytes, at);
            if (length < 0)
            {
                at = NextEntry(bytes, at + 1, ref damages);
                continue;
            }

            var payload = bytes.AsMemory(at + HeadLength, length);
            using (var batch = BatchCodec.Read(payload.Span, Unbounded.Instance))
            {
                if (batch is not null)
                {
                    group.Add(new SpoolEntry(SpoolBatch.RequestOf(batch), payload));
                }

                damages += batch is null ? 1 : 0;
            }

            at += HeadLength + length;
            groupBytes += length;
            if (groupBytes >= BytesOfTransaction && !TryFlush(path, store, group, ref groupBytes))
            {
                return;
            }
        }

        if (TryFlush(path, store, group, ref groupBytes))
        {
            lost.AddRange(Enumerable.Repeat(new SpooledRequest(0, null, changed, [("unknown-worker", 1)], null), damages));
            File.Delete(path);
            Moved(path, damages);
        }
    }

    // What was moved before a failure is moved again at the next start, and recognised by its key or ids.
    private bool TryFlush(string path, ISpoolStore store, List<SpoolEntry> group, ref int groupBytes)
    {
        if (group.Count > 0 && !store.TryAppend(group, out var error))
        {
            NotMoved(path, error);
            return false;
        }

        group.Clear();
        groupBytes = 0;
        return true;
    }

    // -1: there is no whole entry.
    private static int LengthAt(ReadOnlySpan<byte> file, int at)
    {
        if (at + HeadLength > file.Length)
        {
            return -1;
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(file[at..]);
        var rest = file[(at + HeadLength)..];
        return length > 0 && length <= rest.Length
            && Checksum(rest[..length]) == BinaryPrimitives.ReadUInt32LittleEndian(file[(at + sizeof(int))..])
            ? length : -1;
    }

    // A damaged length looks like a torn tail, or like a larger entry: what is behind it was acknowledged, so it is looked for.
    private static int NextEntry(ReadOnlySpan<byte> file, int from, ref int damages)
    {
        damages++;
        var left = MaxChecked;
        for (var at = from; at + HeadLength < file.Length && left > 0; at++)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(file[at..]);
            var rest = file[(at + HeadLength)..];
            if (length <= 0 || length > rest.Length || !BatchCodec.IsAsLongAsItSays(rest[..length]))
            {
                continue;
            }

            left -= length;
            if (LengthAt(file, at) > 0)
            {
                return at;
            }
        }

        return file.Length;
    }

    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (var word in words)
        {
            crc = BitOperations.Crc32C(crc, word);
        }

        foreach (var value in bytes[(words.Length * sizeof(ulong))..])
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return ~crc;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Path}, a spool file of an earlier version, was taken over; {Damages} places of it could not be read")]
    private partial void Moved(string path, int damages);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Path}, of an earlier version's spool, can't be taken over; the next start tries again: {Error}")]
    private partial void NotMoved(string path, string? error);
}
