using Collector.Query;

namespace Collector.Hosting;

/// <summary>
/// Refuses what another site's page asks for: it could not read the answer, but the question would run, and with many of
/// them it takes the places of this machine's own people. Browsers say where a request comes from, other programs don't.
/// </summary>
/// <remarks>
/// <c>same-site</c> is another port or name of this site, such as a page of something else on localhost: a stranger too. A
/// person who follows a link to one of our pages comes from elsewhere and is welcome; the page then asks for itself. A link
/// to an address of the API would be a question, so it is refused: it can be opened by hand. Over plain HTTP to another
/// machine browsers leave that header away; what they then send across sites in a way that could be answered has an Origin.
/// </remarks>
internal static class CrossSite
{
    /// <summary>Null where the request may go on.</summary>
    /// <param name="request">Of a browser, or not.</param>
    /// <param name="isPage">A page of the dashboard is asked for.</param>
    public static Problem? ProblemOf(HttpRequest request, bool isPage)
    {
        var from = request.Headers["Sec-Fetch-Site"];
        if (from.Count == 0)
        {
            return request.Headers.Origin is { Count: > 0 } origin && origin != $"{request.Scheme}://{request.Host}"
                ? Problem.CrossSite($"Origin: {origin}")
                : null;
        }

        if (from == "same-origin" || from == "none")
        {
            return null;
        }

        // Not in a frame, where it would be embedded and not gone to.
        var isFollowed = request.Headers["Sec-Fetch-Mode"] == "navigate" && request.Headers["Sec-Fetch-Dest"] == "document";
        return isPage && isFollowed ? null : Problem.CrossSite($"Sec-Fetch-Site: {from}");
    }
}
