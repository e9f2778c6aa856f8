using System.Globalization;
using System.Text;
using Collector.Model;
using Collector.Receive.Rows;

namespace Collector.Receive.Tail;

/// <summary>
/// Finds out what called the worker, since no member says so, and puts it into a line: "GET /path 200",
/// "queue orders (2)", "scheduled */5 * * * *".
/// </summary>
internal sealed class EventSummary(RowBatch batch, MappingRules rules, TailContext tools)
{
    private const int MaxPart = 2048;

    // There are at most four parts, and together they may take half of the row.
    private const int ShareOfRow = 8;

    private static readonly string[] _types =
        ["fetch", "rpc", "queue", "email", "tail", "websocket", "scheduled", "alarm", "unknown"];

    private Shape _shape;

    /// <summary>Of what an event may be by its members; the first counts.</summary>
    private enum EventType
    {
        Fetch,
        Rpc,
        Queue,
        Email,
        Tail,
        Socket,
        Cron,
        Alarm,
        Unknown,
    }

    /// <summary>What the event is called.</summary>
    public string Type => _types[(int)_shape.Type];

    /// <summary>Of the response to a fetch; 0 where there is none.</summary>
    public long Status => _shape.Type == EventType.Fetch ? _shape.Status ?? 0 : 0;

    public void Read(JsonValue invocationEvent)
    {
        _shape = new Shape { Type = EventType.Unknown };
        for (var walk = tools.Table.Walk(invocationEvent); walk.Next();)
        {
            Member(Encoding.UTF8.GetString(walk.NameText[..Math.Min(walk.Name.Text.Length, 32)]), walk.Value);
        }
    }

    /// <summary>Builds the line; ends it with the outcome where it is not the expected one.</summary>
    public Slice Message(Slice outcome)
    {
        var start = tools.Json.Length;
        var path = _shape.Url.IsString;
        Part(_shape.Type == EventType.Fetch ? _shape.Method : default, Type);
        Space(Path(_shape.Url), path);
        Space(_shape.Name);
        Space(_shape.Target, "to ");
        if (_shape.Count is { } count)
        {
            tools.Json.Raw(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $" ({count})")));
        }

        if (_shape.Status is { } status)
        {
            tools.Json.Raw(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $" {status}")));
        }

        if (!outcome.IsEmpty && !batch.Text(outcome).SequenceEqual("ok"u8))
        {
            tools.Json.Raw((byte)' ');
            _ = batch.Built.GetSpan(outcome.Length);
            tools.Json.Raw(batch.Text(outcome));
        }

        return tools.Json.SliceSince(start);
    }

    private void Member(string name, JsonValue value)
    {
        switch (name)
        {
            case "request":
                Is(EventType.Fetch);
                _shape.Url = tools.Table.Member(value, "url"u8);
                _shape.Method = tools.Table.Member(value, "method"u8);
                break;
            case "response": _shape.Status = Whole(tools.Table.Member(value, "status"u8)); break;
            case "rpcMethod": Is(EventType.Rpc); _shape.Name = value; break;
            case "cron": Is(EventType.Cron); _shape.Name = value; break;
            case "scheduledTime": Is(EventType.Alarm); break;
            case "queue": Is(EventType.Queue); _shape.Name = value; break;
            case "batchSize": _shape.Count = Whole(value); break;
            case "mailFrom": Is(EventType.Email); _shape.Name = value; break;
            case "rcptTo": Is(EventType.Email); _shape.Target = value; break;
            case "consumedEvents": Is(EventType.Tail); _shape.Count = CountOf(value); break;
            case "getWebSocketEvent":
                Is(EventType.Socket);
                _shape.Name = tools.Table.Member(value, "webSocketEventType"u8);
                _shape.Status = Whole(tools.Table.Member(value, "code"u8));
                break;
        }
    }

    private void Is(EventType type) => _shape.Type = type < _shape.Type ? type : _shape.Type;

    private long CountOf(JsonValue list)
    {
        var count = 0L;
        for (var walk = tools.Table.Walk(list); list.IsArray && walk.Next();)
        {
            count++;
        }

        return count;
    }

    private long? Whole(JsonValue value) => tools.Texts.Number(value, "event") is { } number and > -1e15 and < 1e15 ? (long)number : null;

    // Without host and query: the first says what the worker's name says, the second differs from call to call.
    private ReadOnlySpan<byte> Path(JsonValue url)
    {
        if (!url.IsString)
        {
            return default;
        }

        var plain = tools.Texts.Plain(url, out _);
        var scheme = plain.IndexOf("://"u8);
        var rest = scheme < 0 ? plain : plain[(scheme + 3)..];
        var slash = scheme < 0 ? 0 : rest.IndexOfAny("/?#"u8);
        var path = slash < 0 ? default : rest[slash..];
        var end = path.IndexOfAny("?#"u8);
        path = end < 0 ? path : path[..end];
        return path.IsEmpty ? "/"u8 : path;
    }

    private void Part(JsonValue value, string otherwise)
    {
        if (value.IsString)
        {
            Append(tools.Texts.Plain(value, out _));
            return;
        }

        tools.Json.Raw(Encoding.ASCII.GetBytes(otherwise));
    }

    private void Space(ReadOnlySpan<byte> part, bool isThere)
    {
        if (isThere)
        {
            tools.Json.Raw((byte)' ');
            Append(part);
        }
    }

    private void Space(JsonValue part, string prefix = "")
    {
        if (part.IsString)
        {
            tools.Json.Raw((byte)' ');
            tools.Json.Raw(Encoding.ASCII.GetBytes(prefix));
            Append(tools.Texts.Plain(part, out _));
        }
    }

    private void Append(ReadOnlySpan<byte> part) =>
        Utf8Text.AppendClean(batch.Built, part[..Utf8Text.Cut(part, Math.Min(MaxPart, rules.MaxRowBytes / ShareOfRow))]);

    private struct Shape
    {
        public EventType Type;
        public JsonValue Method, Url, Name, Target;
        public long? Status, Count;
    }
}
