using System.Buffers.Binary;
using System.Globalization;

namespace Collector.Storage.Sqlite.Segments;

/// <summary>Trace ids between their number and the 32 lower-case hexadecimal digits of the column.</summary>
internal static class TraceIds
{
    public const int TextLength = 32;

    /// <summary>Writes exactly <see cref="TextLength"/> bytes.</summary>
    public static void Write(UInt128 id, Span<byte> target)
    {
        Span<byte> bytes = stackalloc byte[TextLength / 2];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, id);
        Convert.TryToHexStringLower(bytes, target, out _);
    }

    /// <summary>Takes 32 hexadecimal digits of either case that are not all zero. Does not throw.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out UInt128 id)
    {
        id = default;
        return text.Length == TextLength
            && UInt128.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out id)
            && id != UInt128.Zero;
    }

    /// <inheritdoc cref="TryParse(ReadOnlySpan{byte}, out UInt128)"/>
    public static bool TryParse(ReadOnlySpan<char> text, out UInt128 id)
    {
        id = default;
        return text.Length == TextLength
            && UInt128.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out id)
            && id != UInt128.Zero;
    }
}
