using System.Buffers;

namespace Collector.Query;

/// <summary>What to say of a request that the server refuses before any address has seen it.</summary>
internal static class RefusedRequest
{
    /// <param name="error">The server's own words and status.</param>
    /// <param name="line">What has come of a request line that is too long; else of no matter.</param>
    /// <param name="maxLineBytes">How long it may be.</param>
    public static Problem Describe(BadHttpRequestException error, in ReadOnlySequence<byte> line, int maxLineBytes) => error.StatusCode switch
    {
        StatusCodes.Status414UriTooLong => TooLong(LongestParameter.Of(line.Slice(0, Math.Min(line.Length, maxLineBytes)).ToArray()), maxLineBytes),
        StatusCodes.Status431RequestHeaderFieldsTooLarge =>
            Of(error, "Headers too large", "at most 100 headers of together at most 32768 bytes"),
        StatusCodes.Status408RequestTimeout => Of(error, "Request too slow", "a request whose headers come within 30 s"),
        StatusCodes.Status505HttpVersionNotsupported => Of(error, "Unknown version", "HTTP/1.0 and HTTP/1.1"),
        _ => Of(error, "Bad request", "a request such as 'GET /api/logs HTTP/1.1' with one header 'Host', and no NUL in its path"),
    };

    // What the server's words leave out, unless it logs in detail, are two quotes.
    private static Problem Of(BadHttpRequestException error, string title, string legal) =>
        new(error.StatusCode, title, $"{error.Message.Replace(": ''", "", StringComparison.Ordinal).TrimEnd('.')}; legal is {legal}.");

    private static Problem TooLong(LongestParameter longest, int maxLineBytes)
    {
        var legal = longest.Name is { } name && LegalValues.Of(longest.Path, name) is { } words ? words : "a shorter one";
        var part = longest.Name is null ? "the path" : $"'{longest.Name}'";
        return new Problem(
            StatusCodes.Status414UriTooLong,
            "Too long",
            $"The request line is longer than {maxLineBytes} bytes, and its longest part is {part}; legal is {legal}.",
            longest.Name);
    }
}
