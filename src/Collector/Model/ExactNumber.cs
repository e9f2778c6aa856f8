using System.Globalization;

namespace Collector.Model;

/// <summary>
/// A number as JSON writes it, compared as it stands there: integers to 128 bits exactly, all else as doubles. A double that is a
/// whole number equals the integer that it is. What JSON would not call a number (00700, +1, 0x1F) is none.
/// </summary>
internal readonly record struct ExactNumber : IComparable<ExactNumber>
{
    // 2^127 as a double: no integer that is kept exactly reaches it.
    private const double Beyond = 1.7014118346046923e38;

    private const int Longest = 400;

    private readonly Int128 _integer;
    private readonly double _real;
    private readonly bool _isReal;

    private ExactNumber(Int128 integer, double real, bool isReal)
    {
        _integer = integer;
        _real = real;
        _isReal = isReal;
    }

    public static ExactNumber Of(long integer) => new(integer, 0, false);

    /// <summary>Does not throw.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out ExactNumber number)
    {
        number = default;
        if (!IsNumber(text))
        {
            return false;
        }

        if (text.IndexOfAny(".eE"u8) < 0 && Int128.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer))
        {
            number = new ExactNumber(integer, 0, false);
            return true;
        }

        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) || !double.IsFinite(real))
        {
            return false;
        }

        // 7.0 and 7e0 are 7; beyond 2^127 a double has no neighbours that an integer could be mistaken for.
        number = Math.Floor(real) == real && Math.Abs(real) < Beyond ? new ExactNumber((Int128)real, 0, false) : new ExactNumber(0, real, true);
        return true;
    }

    public int CompareTo(ExactNumber other) => (_isReal, other._isReal) switch
    {
        (false, false) => _integer.CompareTo(other._integer),
        (true, true) => _real.CompareTo(other._real),
        (false, true) => -Compare(other._real, _integer),
        _ => Compare(_real, other._integer),
    };

    // A real is not whole here, so that it never equals an integer.
    private static int Compare(double real, Int128 integer) =>
        Math.Abs(real) >= Beyond ? Math.Sign(real) : (Int128)Math.Floor(real) >= integer ? 1 : -1;

    private static bool IsNumber(ReadOnlySpan<byte> text)
    {
        var rest = text.StartsWith("-"u8) ? text[1..] : text;
        if (text.Length > Longest || rest.IsEmpty || !char.IsAsciiDigit((char)rest[0]) || (rest[0] == '0' && rest.Length > 1 && char.IsAsciiDigit((char)rest[1])))
        {
            return false;
        }

        rest = rest[Digits(rest)..];
        if (rest.StartsWith("."u8))
        {
            var digits = Digits(rest[1..]);
            if (digits == 0)
            {
                return false;
            }

            rest = rest[(digits + 1)..];
        }

        if (rest.IsEmpty || rest[0] is not ((byte)'e' or (byte)'E'))
        {
            return rest.IsEmpty;
        }

        rest = rest[1..];
        rest = !rest.IsEmpty && rest[0] is (byte)'+' or (byte)'-' ? rest[1..] : rest;
        return !rest.IsEmpty && Digits(rest) == rest.Length;
    }

    private static int Digits(ReadOnlySpan<byte> text)
    {
        var end = text.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        return end < 0 ? text.Length : end;
    }
}
