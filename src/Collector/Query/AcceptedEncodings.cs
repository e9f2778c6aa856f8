namespace Collector.Query;

/// <summary>What a client says it can decompress.</summary>
internal static class AcceptedEncodings
{
    public static bool Accepts(this HttpRequest request, string coding) =>
        request.GetTypedHeaders().AcceptEncoding.Any(one => one.Value.Equals(coding, StringComparison.OrdinalIgnoreCase) && one.Quality != 0);
}
