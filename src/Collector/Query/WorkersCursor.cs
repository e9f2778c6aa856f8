using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;

namespace Collector.Query;

/// <summary>
/// Where the next page of workers begins: behind one with so many rows and this name, in the range of the first page.
/// Opaque to callers: base64url of a version, the numbers and the name.
/// </summary>
/// <remarks>
/// A worker that gains rows between two pages may be seen twice or not at all: pages are looks at what goes on, not a
/// record of it.
/// </remarks>
internal readonly record struct WorkersCursor(long Count, string Name, ulong From, ulong To)
{
    private const byte Version = 1;
    private const int Fixed = 1 + 8 + 8 + 8;
    private const int MaxNameBytes = 8 * 1024;

    /// <summary>Whether a worker comes behind it: fewer rows, or as many and a later name.</summary>
    public bool IsBefore(long count, string name) => count < Count || (count == Count && string.CompareOrdinal(name, Name) > 0);

    public override string ToString()
    {
        var bytes = new byte[Fixed + Encoding.UTF8.GetByteCount(Name)];
        bytes[0] = Version;
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(1), Count);
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(9), From);
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(17), To);
        Encoding.UTF8.GetBytes(Name, bytes.AsSpan(Fixed));
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Does not throw.</summary>
    public static bool TryParse(string text, out WorkersCursor cursor)
    {
        cursor = default;
        if (text.Length > Base64Url.GetEncodedLength(Fixed + MaxNameBytes) || !Base64Url.IsValid(text))
        {
            return false;
        }

        var bytes = Base64Url.DecodeFromChars(text);
        if (bytes.Length < Fixed || bytes[0] != Version)
        {
            return false;
        }

        var (from, to) = (BinaryPrimitives.ReadUInt64BigEndian(bytes.AsSpan(9)), BinaryPrimitives.ReadUInt64BigEndian(bytes.AsSpan(17)));
        cursor = new WorkersCursor(
            BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(1)), Encoding.UTF8.GetString(bytes.AsSpan(Fixed)), from, to);
        return from < to;
    }
}
