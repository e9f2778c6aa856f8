using System.Text.Json;

namespace Collector.Query;

/// <summary>What is legal for a parameter, in words, as the API's description has it.</summary>
internal static class LegalValues
{
    private static readonly Lazy<IReadOnlyDictionary<(string Path, string Name), string>> _known = new(Read);

    /// <summary>Null where the description bounds it by no number.</summary>
    public static string? Of(string path, string name) => _known.Value.GetValueOrDefault((path, name));

    private static Dictionary<(string Path, string Name), string> Read()
    {
        using var stream = typeof(LegalValues).Assembly.GetManifestResourceStream(OpenApiEndpoint.Resource)!;
        using var document = JsonDocument.Parse(stream);
        var legal = new Dictionary<(string Path, string Name), string>();
        foreach (var path in document.RootElement.GetProperty("paths").EnumerateObject())
        {
            if (path.Value.GetProperty("get").TryGetProperty("parameters", out var parameters))
            {
                foreach (var parameter in parameters.EnumerateArray().Select(p => Resolve(document.RootElement, p)))
                {
                    if (InWords(parameter.GetProperty("schema")) is { } words)
                    {
                        legal.Add((path.Name, parameter.GetProperty("name").GetString()!), words);
                    }
                }
            }
        }

        return legal;
    }

    private static JsonElement Resolve(JsonElement root, JsonElement element) =>
        !element.TryGetProperty("$ref", out var reference) ? element
        : reference.GetString()!.Split('/').Skip(1).Aggregate(root, static (at, name) => at.GetProperty(name));

    private static string? InWords(JsonElement schema) =>
        schema.TryGetProperty("maxLength", out var longest) ? $"{schema.GetProperty("minLength")} to {longest} characters"
        : schema.TryGetProperty("enum", out var values) ? string.Join(", ", values.EnumerateArray())
        : schema.TryGetProperty("maximum", out var max) ? $"a whole number from {schema.GetProperty("minimum")} to {max}"
        : null;
}
