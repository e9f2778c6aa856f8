using System.Text;

namespace Collector.Query;

/// <summary>The part of a request line that makes it too long, as far as the line has come.</summary>
/// <param name="Path">The address, as the API's description writes it.</param>
/// <param name="Name">The parameter; null where it is the address itself.</param>
internal readonly record struct LongestParameter(string Path, string? Name)
{
    private const string CorrelationPath = CorrelationEndpoint.Prefix + "{id}";
    private const int MaxOfName = 300;

    /// <param name="line">The line's beginning, <c>GET /path?name=value&amp;…</c>.</param>
    public static LongestParameter Of(ReadOnlySpan<byte> line)
    {
        var target = line[(line.IndexOf((byte)' ') + 1)..];
        var end = target.IndexOf((byte)' ');
        target = end < 0 ? target : target[..end];
        var mark = target.IndexOf((byte)'?');
        var path = mark < 0 ? target : target[..mark];
        var isCorrelation = path.StartsWith(Encoding.ASCII.GetBytes(CorrelationEndpoint.Prefix));
        var name = mark >= 0 ? NameOf(Longest(target[(mark + 1)..])) : isCorrelation ? "id" : null;
        return new LongestParameter(isCorrelation ? CorrelationPath : Short(path), name);
    }

    private static ReadOnlySpan<byte> Longest(ReadOnlySpan<byte> query)
    {
        ReadOnlySpan<byte> longest = [];
        foreach (var part in query.Split((byte)'&'))
        {
            longest = query[part].Length > longest.Length ? query[part] : longest;
        }

        return longest;
    }

    private static string NameOf(ReadOnlySpan<byte> parameter)
    {
        var sign = parameter.IndexOf((byte)'=');
        return Uri.UnescapeDataString(Short(sign < 0 ? parameter : parameter[..sign]));
    }

    private static string Short(ReadOnlySpan<byte> text) => Encoding.ASCII.GetString(text[..Math.Min(text.Length, MaxOfName)]);
}
