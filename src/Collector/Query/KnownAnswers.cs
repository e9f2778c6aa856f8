using Microsoft.Net.Http.Headers;

namespace Collector.Query;

/// <summary>What callers have already, by <c>If-None-Match</c>. Source: RFC 9110, 13.1.2.</summary>
internal static class KnownAnswers
{
    public static bool AreNamed(HttpRequest request) => request.Headers.IfNoneMatch.Count > 0;

    /// <summary>
    /// One tag of the list is enough, strong or weak: proxies that compress make tags weak. <c>*</c> is any answer.
    /// </summary>
    public static bool Hold(HttpRequest request, EntityTagHeaderValue tag) => request.GetTypedHeaders().IfNoneMatch.Any(
        known => known.Equals(EntityTagHeaderValue.Any) || known.Compare(tag, useStrongComparison: false));
}
