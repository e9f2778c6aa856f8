using System.Buffers.Binary;
using System.Buffers.Text;
using Collector.Model;

namespace Collector.Query;

/// <summary>
/// Where the next page begins, and what had arrived when the first one was asked for, so that paging neither repeats nor
/// skips a row while new ones come; the range of time too, since "15 minutes ago" moves on. Opaque to callers: base64url
/// of a version, the direction and the numbers.
/// </summary>
internal readonly record struct PageCursor(bool Descending, Position After, Arrival Watermark, ulong From, ulong To)
{
    private const byte Version = 2;
    private const int Length = 2 + 8 + 4 + 8 + 4 + 8 + 8 + 8;

    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Length];
        bytes[0] = Version;
        bytes[1] = Descending ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt64BigEndian(bytes[2..], After.TimestampNanos);
        WriteArrival(bytes[10..], After.Arrival);
        WriteArrival(bytes[22..], Watermark);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[34..], From);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[42..], To);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Does not throw.</summary>
    public static bool TryParse(string text, out PageCursor cursor)
    {
        cursor = default;
        Span<byte> bytes = stackalloc byte[Length];
        if (text.Length != Base64Url.GetEncodedLength(Length)
            || !Base64Url.TryDecodeFromChars(text, bytes, out var length)
            || length != Length || bytes[0] != Version || bytes[1] > 1)
        {
            return false;
        }

        var after = new Position(BinaryPrimitives.ReadUInt64BigEndian(bytes[2..]), ReadArrival(bytes[10..]));
        var (from, to) = (BinaryPrimitives.ReadUInt64BigEndian(bytes[34..]), BinaryPrimitives.ReadUInt64BigEndian(bytes[42..]));
        cursor = new PageCursor(bytes[1] == 1, after, ReadArrival(bytes[22..]), from, to);
        return true;
    }

    private static void WriteArrival(Span<byte> target, Arrival arrival)
    {
        BinaryPrimitives.WriteInt32BigEndian(target, arrival.Segment);
        BinaryPrimitives.WriteInt64BigEndian(target[4..], arrival.Row);
    }

    private static Arrival ReadArrival(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadInt32BigEndian(bytes), BinaryPrimitives.ReadInt64BigEndian(bytes[4..]));
}
