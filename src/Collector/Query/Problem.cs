using System.Text.Json.Serialization;

namespace Collector.Query;

/// <summary>An error answer in the form of RFC 9457.</summary>
/// <param name="Title">What kind of error.</param>
/// <param name="Status">HTTP status.</param>
/// <param name="Detail">What was wrong here, and what is legal.</param>
/// <param name="Parameter">The parameter that was wrong, if it was one.</param>
internal sealed record Problem(
    string Title,
    int Status,
    string Detail,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Parameter = null)
{
    private const string ContentType = "application/problem+json";
    private const int MaxCharacters = 100;

    public static Problem BadParameter(string name, string? value, string legal) =>
        new("Bad parameter", StatusCodes.Status400BadRequest, $"'{Shorten(value)}' is not legal; legal is {legal}.", name);

    public static Problem Busy(string detail) =>
        new("Busy", StatusCodes.Status503ServiceUnavailable, detail);

    public static Problem Unreadable(string detail) =>
        new("Unreadable", StatusCodes.Status503ServiceUnavailable, detail);

    public static Problem UnknownHost(string host, string legal) =>
        new("Unknown host", StatusCodes.Status421MisdirectedRequest, $"'{Shorten(host)}' is not a name of this server; legal is {legal}.");

    public static Problem CrossSite(string from) =>
        new("Cross-site request", StatusCodes.Status403Forbidden,
            $"Your browser says that a page of elsewhere asked for this ({Shorten(from)}). Only this server's own pages and you may; open the address by hand.");

    public static Problem Unauthenticated(string detail) =>
        new("Key needed", StatusCodes.Status401Unauthorized, $"{detail}.");

    public static Problem Forbidden(string detail) =>
        new("Not allowed", StatusCodes.Status403Forbidden, $"{detail}.");

    public static Problem NoSuchPath(string? path) =>
        new("No such path", StatusCodes.Status404NotFound, $"There is nothing at {Shorten(path)}.");

    public static Problem WrongPort(string legal) =>
        new("Wrong port", StatusCodes.Status404NotFound, $"This port answers questions; {legal}.");

    public static Problem NoSuchId() =>
        new("Unknown id", StatusCodes.Status404NotFound, "No row has this correlation, request, trace or span id, in whatever form, and none holds it as a value.", "id");

    public static Problem WrongMethod(string method, string legal) =>
        new("Wrong method", StatusCodes.Status405MethodNotAllowed, $"{Shorten(method)} is not legal here; legal is {legal}.");

    public static Problem Failed() =>
        new("Failed", StatusCodes.Status500InternalServerError, "Collector failed to answer; its log says why.");

    public Task WriteAsync(HttpContext context)
    {
        context.Response.StatusCode = Status;
        if (Status == StatusCodes.Status503ServiceUnavailable)
        {
            context.Response.Headers.RetryAfter = "1";
        }

        return ApiJson.WriteAsync(context, this, ContentType);
    }

    private static string? Shorten(string? value) => value is { Length: > MaxCharacters } ? value[..MaxCharacters] + "…" : value;
}
