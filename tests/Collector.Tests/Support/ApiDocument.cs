using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;

namespace Collector.Tests.Support;

/// <summary>The API's description as it is checked in, and whether an answer is what it says.</summary>
internal static class ApiDocument
{
    private static readonly ConcurrentDictionary<string, JsonSchema> _schemas = new(StringComparer.Ordinal);

    public static string Text { get; } = File.ReadAllText(Repository.PathOf("schema", "openapi", "v1.json"));

    public static JsonElement Root { get; } = JsonDocument.Parse(Text).RootElement;

    public static IEnumerable<string> Paths => Root.GetProperty("paths").EnumerateObject().Select(static path => path.Name);

    public static JsonElement OperationOf(string path) => Root.GetProperty("paths").GetProperty(path).GetProperty("get");

    /// <summary>Fails where the document does not describe this answer exactly.</summary>
    /// <param name="target">Path and query that were asked.</param>
    /// <param name="status">HTTP status.</param>
    /// <param name="mediaType">Of the answer; null where it has no body.</param>
    /// <param name="text">The body.</param>
    public static void Check(string target, int status, string? mediaType, string text)
    {
        var described = ResponseOf(PathOf(target), status).ShouldNotBeNull($"{target} answered {status}, which is not described: {text}");
        if (mediaType is null)
        {
            described.TryGetProperty("content", out _).ShouldBeFalse($"{target} answered {status} without a body");
            return;
        }

        described.TryGetProperty("content", out var contents).ShouldBeTrue($"{target} answered {status} with a body");
        contents.TryGetProperty(mediaType, out var content).ShouldBeTrue($"{target} answered {status} as {mediaType}");
        foreach (var part in mediaType.EndsWith("ndjson", StringComparison.Ordinal) ? text.Split('\n', StringSplitOptions.RemoveEmptyEntries) : [text])
        {
            var value = mediaType.StartsWith("text/", StringComparison.Ordinal)
                ? JsonSerializer.SerializeToElement(part)
                : JsonDocument.Parse(part, new JsonDocumentOptions { MaxDepth = 128 }).RootElement;
            Check(content.GetProperty("schema"), value, target);
        }
    }

    /// <summary>Fails where the data of a live event is not what is described.</summary>
    public static void CheckEvent(string name, JsonElement data)
    {
        var events = OperationOf("/api/live").GetProperty("responses").GetProperty("200").GetProperty("content")
            .GetProperty("text/event-stream").GetProperty("x-events");
        events.TryGetProperty(name, out var schema).ShouldBeTrue(name);
        Check(schema, data, name);
    }

    /// <summary>What a reference leads to; the element itself where it is none.</summary>
    public static JsonElement Resolve(JsonElement element) =>
        !element.TryGetProperty("$ref", out var reference) ? element
        : reference.GetString()!.Split('/').Skip(1).Aggregate(Root, static (at, name) => at.GetProperty(name));

    private static string PathOf(string target)
    {
        var path = target.Split('?')[0];
        return path.StartsWith("/api/correlations", StringComparison.Ordinal) ? "/api/correlations/{id}" : path;
    }

    private static JsonElement? ResponseOf(string path, int status) =>
        Root.GetProperty("paths").TryGetProperty(path, out var item)
            && item.GetProperty("get").GetProperty("responses").TryGetProperty($"{status}", out var response)
                ? Resolve(response)
                : null;

    private static void Check(JsonElement schema, JsonElement value, string what)
    {
        var results = _schemas.GetOrAdd(schema.GetRawText(), Build).Evaluate(value, new EvaluationOptions { OutputFormat = OutputFormat.List });
        var errors = (results.Details ?? []).Where(static detail => detail.Errors is not null)
            .SelectMany(static detail => detail.Errors!.Select(error => $"{detail.InstanceLocation}: {error.Value}"));
        results.IsValid.ShouldBeTrue($"{what}: {string.Join("; ", errors)}\n{value}");
    }

    // As a schema of its own, with all others beside it.
    private static JsonSchema Build(string schema)
    {
        var alone = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["allOf"] = new JsonArray(JsonNode.Parse(schema)),
            ["$defs"] = JsonNode.Parse(Root.GetProperty("components").GetProperty("schemas").GetRawText()),
        };
        return JsonSchema.FromText(alone.ToJsonString().Replace("#/components/schemas/", "#/$defs/", StringComparison.Ordinal));
    }
}
