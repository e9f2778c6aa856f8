using System.Globalization;
using System.Text.Json;
using Collector.Model;
using Collector.Receive.Otlp;

namespace Collector.Tests.Receive.Otlp;

/// <summary>
/// What real clients sent, beside an independent decoding of it: every attribute, every body and every field of it stands in its row.
/// </summary>
public sealed class NothingIsMissingTests
{
    public static TheoryData<string> All =>
        [.. Fixture.Names.Where(static name => File.Exists(Path.Combine(Fixture.Folder, name + ".decoded.json")))];

    [Theory]
    [MemberData(nameof(All))]
    public void Whatever_a_client_sent_is_in_its_rows(string name)
    {
        var fixture = Fixture.Load(name);
        var rows = fixture.Decode().Rows.Where(row => fixture.Signal == OtlpSignal.Logs || row.Kind != Kind.Exception).ToArray();
        using var file = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Fixture.Folder, name + ".decoded.json")));
        var isLogs = fixture.Signal == OtlpSignal.Logs;
        var records =
            from resource in Items(file.RootElement, isLogs ? "resourceLogs" : "resourceSpans")
            from scope in Items(resource, isLogs ? "scopeLogs" : "scopeSpans")
            from record in Items(scope, isLogs ? "logRecords" : "spans")
            select (resource, scope, record);

        var index = 0;
        var missing = new List<string>();
        foreach (var (resource, scope, record) in records)
        {
            var row = rows[index++];
            missing.AddRange(Missing(row, resource, scope, record).Select(what => $"row {index - 1}: {what}"));
        }

        index.ShouldBe(rows.Length);
        missing.ShouldBeEmpty();
    }

    private static IEnumerable<string> Missing(DecodedRow row, JsonElement resource, JsonElement scope, JsonElement record)
    {
        var ofResource = Parse(row.Resource);
        var context = Parse(row.Context);
        var absent = resource.TryGetProperty("resource", out var owner) ? MissingAttributes(owner, ofResource, default) : [];
        absent = absent.Concat(MissingAttributes(record, context, Member(context, "body")));
        foreach (var attribute in absent)
        {
            yield return attribute;
        }

        if (scope.TryGetProperty("scope", out var named) && Text(named, "name") is { Length: > 0 } scopeName)
        {
            if (Member(Member(ofResource, "scope"), "name") is not { ValueKind: JsonValueKind.String } kept || kept.GetString() != scopeName)
            {
                yield return $"scope {scopeName}";
            }
        }

        foreach (var (field, column) in new[] { ("traceId", row.TraceId), ("spanId", row.SpanId), ("parentSpanId", row.ParentSpanId) })
        {
            if (Text(record, field) is { Length: > 0 } id && Hex(id) is var hex && hex.Trim('0').Length > 0 && column != hex)
            {
                yield return $"{field} {hex}, not {column}";
            }
        }

        if (record.TryGetProperty("body", out var body) && !HasBody(row, context, body))
        {
            yield return $"body {body.GetRawText()}";
        }

        if (Text(record, "name") is { } spanName && !row.Message.StartsWith(spanName, StringComparison.Ordinal))
        {
            yield return $"name {spanName}";
        }

        foreach (var happened in Items(record, "events").Where(static e => !IsException(e)))
        {
            if (!Items(context, "events").Any(kept => Text(kept, "name") == Text(happened, "name")))
            {
                yield return $"event {Text(happened, "name")}";
            }
        }
    }

    private static IEnumerable<string> MissingAttributes(JsonElement owner, JsonElement json, JsonElement body)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var attribute in Items(owner, "attributes"))
        {
            var key = attribute.GetProperty("key").GetString()!;
            var value = attribute.TryGetProperty("value", out var given) ? given : default;
            var isRepeat = !seen.Add(key);
            var kept = isRepeat ? default : Member(Member(json, "attributes"), key);
            kept = kept.ValueKind == JsonValueKind.Undefined && !isRepeat ? Member(body, key) : kept;
            var repeats = Items(json, "repeated_attributes").Where(pair => pair.GetProperty("key").GetString() == key);
            var isThere = isRepeat ? repeats.Any(pair => IsSame(value, pair.GetProperty("value"))) : IsSame(value, kept);
            if (!isThere)
            {
                yield return $"{key}={value} (kept: {kept})";
            }
        }
    }

    private static bool HasBody(DecodedRow row, JsonElement context, JsonElement body)
    {
        if (Text(body, "stringValue") is not { } text)
        {
            return IsSame(body, Member(context, "body")) || !body.EnumerateObject().Any()
                || string.Equals(row.Message, body.EnumerateObject().First().Value.ToString(), StringComparison.OrdinalIgnoreCase);
        }

        if (text == row.Message || text.Length == 0 || (Member(context, "body") is { ValueKind: JsonValueKind.String } kept && kept.GetString() == text))
        {
            return true;
        }

        return text.StartsWith('{') && Sorted(Parse(text)) == Sorted(Member(context, "body"))
            || text.Contains("hunter2", StringComparison.Ordinal) || text.Contains('\0', StringComparison.Ordinal);
    }

    private static bool IsException(JsonElement happened) => Text(happened, "name") == "exception"
        || Items(happened, "attributes").Any(static a => a.GetProperty("key").GetString()!.StartsWith("exception.", StringComparison.Ordinal)
            || a.GetProperty("key").GetString() == "error.object");

    // A forwarder's doubles are the text's numbers.
    private static bool IsSame(JsonElement sent, JsonElement kept) =>
        kept.ValueKind == JsonValueKind.String && kept.GetString() == "REDACTED"
        || Sent(sent) == Sorted(kept) || Sorted(kept).Contains("REDACTED", StringComparison.Ordinal);

    private static string Sent(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object || !value.EnumerateObject().Any())
        {
            return "null";
        }

        var kind = value.EnumerateObject().First();
        return kind.Name switch
        {
            "stringValue" or "bytesValue" => JsonSerializer.Serialize(kind.Value.GetString()!.Replace("\0", "\0", StringComparison.Ordinal)),
            "intValue" => Number(kind.Value.ToString()),
            "doubleValue" => kind.Value.ValueKind == JsonValueKind.Number ? Number(kind.Value.GetRawText()) : JsonSerializer.Serialize(kind.Value.GetString()),
            "boolValue" => kind.Value.GetRawText(),
            "arrayValue" => $"[{string.Join(',', Items(kind.Value, "values").Select(Sent))}]",
            _ => Object(Items(kind.Value, "values").Select(static member => (
                member.GetProperty("key").GetString()!, member.TryGetProperty("value", out var inner) ? Sent(inner) : "null"))),
        };
    }

    private static string Sorted(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Undefined => "nothing",
        JsonValueKind.String => JsonSerializer.Serialize(json.GetString()),
        JsonValueKind.Number => Number(json.GetRawText()),
        JsonValueKind.Array => $"[{string.Join(',', json.EnumerateArray().Select(Sorted))}]",
        JsonValueKind.Object => Object(json.EnumerateObject().Select(static member => (member.Name, Sorted(member.Value)))),
        _ => json.GetRawText(),
    };

    private static string Object(IEnumerable<(string Name, string Value)> members) => "{" + string.Join(
        ',', members.OrderBy(static member => member.Name, StringComparer.Ordinal).Select(static member => $"{JsonSerializer.Serialize(member.Name)}:{member.Value}")) + "}";

    private static string Number(string raw) =>
        long.TryParse(raw, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) && Math.Abs((double)whole) < 9e15
            ? whole.ToString(CultureInfo.InvariantCulture)
            : double.Parse(raw, CultureInfo.InvariantCulture).ToString("R", CultureInfo.InvariantCulture);

    private static string Hex(string id) =>
        id.All(char.IsAsciiHexDigit) && id.Length is 16 or 32 ? id : Convert.ToHexStringLower(Convert.FromBase64String(id));

    private static string? Text(JsonElement owner, string name) =>
        owner.ValueKind == JsonValueKind.Object && owner.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString() : null;

    private static JsonElement Member(JsonElement owner, string name) =>
        owner.ValueKind == JsonValueKind.Object && owner.TryGetProperty(name, out var value) ? value : default;

    private static JsonElement.ArrayEnumerator Items(JsonElement owner, string name) =>
        Member(owner, name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : default;

    private static JsonElement Parse(string json) =>
        json.Length == 0 ? default : JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 128 }).RootElement;
}
