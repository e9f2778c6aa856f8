using System.Text.Json;

namespace Collector.Commands;

/// <summary>Reads answers of the API, of this version or another: what is missing is empty.</summary>
internal static class JsonFields
{
    public static string? Text(this JsonElement element, string name) =>
        element.Find(name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    public static double? Number(this JsonElement element, string name) =>
        element.Find(name) is { ValueKind: JsonValueKind.Number } value ? value.GetDouble() : null;

    public static long Count(this JsonElement element, string name) => (long)(element.Number(name) ?? 0);

    public static bool IsTrue(this JsonElement element, string name) =>
        element.Find(name) is { ValueKind: JsonValueKind.True };

    public static IEnumerable<JsonElement> Items(this JsonElement element, string name) =>
        element.Find(name) is { ValueKind: JsonValueKind.Array } value ? value.EnumerateArray() : [];

    public static JsonElement? Find(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : null;
}
