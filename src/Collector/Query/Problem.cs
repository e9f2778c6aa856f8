using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Collector.Query;

/// <summary>An error answer in the form of RFC 9457.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Title">What kind of error.</param>
/// <param name="Detail">What was wrong here, and what is legal.</param>
/// <param name="Parameter">The parameter that was wrong, if it was one.</param>
internal sealed record Problem(int Status, string Title, string Detail, string? Parameter = null)
{
    public const string ContentType = "application/problem+json";

    private static readonly JsonWriterOptions _json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Problem BadParameter(string name, string? value, string legal) =>
        new(StatusCodes.Status400BadRequest, "Bad parameter", $"'{Shorten(value)}' is not legal; legal is {legal}.", name);

    public static Problem Busy(string detail) =>
        new(StatusCodes.Status503ServiceUnavailable, "Busy", detail);

    public static Problem UnknownHost(string host, string legal) =>
        new(StatusCodes.Status421MisdirectedRequest, "Unknown host", $"'{Shorten(host)}' is not a name of this server; legal is {legal}.");

    public static Problem NoSuchPath(string? path) =>
        new(StatusCodes.Status404NotFound, "No such path", $"There is nothing at {Shorten(path)}.");

    public static Problem WrongMethod(string method, string legal) =>
        new(StatusCodes.Status405MethodNotAllowed, "Wrong method", $"{Shorten(method)} is not legal here; legal is {legal}.");

    public static Problem Failed() =>
        new(StatusCodes.Status500InternalServerError, "Failed", "Collector failed to answer; its log says why.");

    public async Task WriteAsync(HttpContext context)
    {
        var response = context.Response;
        response.StatusCode = Status;
        response.ContentType = ContentType;
        if (Status == StatusCodes.Status503ServiceUnavailable)
        {
            response.Headers.RetryAfter = "1";
        }

        WriteTo(response.BodyWriter);
        await response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    /// <summary>Writes the body.</summary>
    public void WriteTo(IBufferWriter<byte> body)
    {
        using var writer = new Utf8JsonWriter(body, _json);
        writer.WriteStartObject();
        writer.WriteString("title", Title);
        writer.WriteNumber("status", Status);
        writer.WriteString("detail", Detail);
        if (Parameter is not null)
        {
            writer.WriteString("parameter", Parameter);
        }

        writer.WriteEndObject();
    }

    private static string? Shorten(string? value) => value is { Length: > 100 } ? value[..100] + "…" : value;
}
