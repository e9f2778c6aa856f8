using System.Text.Json;
using Collector.Commands;

namespace Collector.Tests.Support;

/// <summary>One request as a real SDK sent it, and what its sidecar says of it.</summary>
internal sealed record CapturedRequest(string Name, string Path, string ContentType, string? Encoding, byte[] Body, JsonElement Meta)
{
    public bool IsGrpc => ContentType == "application/grpc";

    public bool IsTraces => Meta.GetProperty("signal").GetString() == "traces";
}

internal static class Fixtures
{
    private static readonly string _folder = Repository.PathOf("tests", "fixtures", "otlp");

    public static IEnumerable<string> Names() => Directory.GetFiles(_folder, "*.meta.json", SearchOption.AllDirectories)
        .Select(path => System.IO.Path.GetRelativePath(_folder, path).Replace(".meta.json", "", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal);

    public static CapturedRequest Read(string name)
    {
        var meta = JsonDocument.Parse(File.ReadAllText(System.IO.Path.Combine(_folder, name + ".meta.json"))).RootElement;
        return new CapturedRequest(
            name,
            meta.GetProperty("path").GetString()!,
            meta.GetProperty("contentType").GetString()!,
            meta.GetProperty("contentEncoding").GetString(),
            File.ReadAllBytes(System.IO.Path.Combine(_folder, name + ".bin")),
            meta);
    }

    /// <summary>Rows that the sidecars promise: a record or span each, and one for each exception event of a span.</summary>
    public static int RowsOf(CapturedRequest request)
    {
        if (!request.IsTraces)
        {
            return request.Meta.GetProperty("logRecords").GetInt32();
        }

        var decoded = new[] { ".decoded.json", ".body.json" }
            .Select(ending => System.IO.Path.Combine(_folder, request.Name + ending)).First(File.Exists);
        var exceptions =
            from resource in JsonDocument.Parse(File.ReadAllText(decoded)).RootElement.GetProperty("resourceSpans").EnumerateArray()
            from scope in resource.GetProperty("scopeSpans").EnumerateArray()
            from span in scope.GetProperty("spans").EnumerateArray()
            where span.TryGetProperty("events", out _)
            from one in span.GetProperty("events").EnumerateArray()
            where one.GetProperty("name").GetString() == "exception" || (one.TryGetProperty("attributes", out var attributes)
                && attributes.EnumerateArray().Any(static a => a.GetProperty("key").GetString() is "exception.type" or "exception.message"))
            select one;
        return request.Meta.GetProperty("spans").GetInt32() + exceptions.Count();
    }
}
