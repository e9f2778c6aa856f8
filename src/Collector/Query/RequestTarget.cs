using Microsoft.AspNetCore.Http.Features;

namespace Collector.Query;

/// <summary>
/// Refuses a request whose target is too long, and names its longest parameter. Kestrel's own limit is higher: it answers
/// without a body.
/// </summary>
internal static class RequestTarget
{
    /// <summary>Every filter at its longest, in three-byte characters and percent-encoded, is 56 KB.</summary>
    public const int MaxBytes = 64 * 1024;

    private const int MaxNameCharacters = 300;

    /// <summary>Null where the target is short enough.</summary>
    public static Problem? ProblemOf(HttpContext context)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        if (target.Length <= MaxBytes)
        {
            return null;
        }

        var isCorrelation = context.Request.Path.StartsWithSegments(CorrelationEndpoint.Path);
        var path = isCorrelation ? CorrelationEndpoint.Path + "/{id}" : context.Request.Path.Value ?? "";
        var name = LongestParameter(context.Request.Query) ?? (isCorrelation ? "id" : null);
        var part = name is null ? "the path" : $"'{name}'";
        var legal = (name is null ? null : LegalValues.Of(path, name)) ?? "a shorter one";
        return new Problem("Too long", StatusCodes.Status414UriTooLong,
            $"The request line is longer than {MaxBytes} bytes, and its longest part is {part}; legal is {legal}.", name);
    }

    private static string? LongestParameter(IQueryCollection query)
    {
        var longest = query.Select(static one => (Name: one.Key, Length: one.Key.Length + one.Value.Sum(static value => value?.Length ?? 0)))
            .Aggregate(("", 0), static (max, one) => one.Length > max.Item2 ? one : max).Item1;
        return longest.Length switch
        {
            0 => null,
            > MaxNameCharacters => longest[..MaxNameCharacters],
            _ => longest,
        };
    }
}
