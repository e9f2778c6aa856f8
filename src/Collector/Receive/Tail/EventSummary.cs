using System.Globalization;
using System.Text;
using Collector.Model;
using Collector.Receive.Rows;

namespace Collector.Receive.Tail;

/// <summary>
/// Tells what called the worker, for there is no tag that says so, and puts it into a line: "GET /path 200",
/// "queue orders (2)", "scheduled */5 * * * *".
/// </summary>
internal sealed class EventSummary(RowBatch batch, MappingRules rules, MappingContext tools, TailText text)
{
    private const int MaxPart = 2048;

    // There are at most four parts, and together they may take half of the row.
    private const int ShareOfRow = 8;

    private const int ServerError = 500;

    private Shape _shape;

    /// <summary>What the event is called: fetch, rpc, scheduled, alarm, queue, email, tail, websocket, or unknown.
    /// </summary>
    public string Type { get; private set; } = "unknown";

    /// <summary>The response is a server error.</summary>
    public bool IsServerError { get; private set; }

    public void Read(JsonValue invocationEvent)
    {
        _shape = default;
        if (invocationEvent.IsObject)
        {
            Members(invocationEvent);
        }

        Type = TypeOf(_shape);
        IsServerError = _shape.Status is >= ServerError;
    }

    /// <summary>Builds the line; ends it with the outcome where it is not the expected one.</summary>
    public Slice Message(Slice outcome)
    {
        var start = tools.Json.Length;
        var path = _shape.Url.IsString;
        Part(Type == "fetch" ? _shape.Method : default, Type == "fetch" ? "fetch" : Type);
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

    private static string TypeOf(in Shape shape) =>
        shape.IsFetch ? "fetch"
        : shape.IsRpc ? "rpc"
        : shape.IsQueue ? "queue"
        : shape.IsEmail ? "email"
        : shape.IsTail ? "tail"
        : shape.IsSocket ? "websocket"
        : shape.IsCron ? "scheduled"
        : shape.IsTimed ? "alarm"
        : "unknown";

    private void Members(JsonValue invocationEvent)
    {
        for (var walk = new JsonWalk(batch, invocationEvent); walk.Next();)
        {
            var value = walk.Value;
            switch (Encoding.UTF8.GetString(walk.NameText[..Math.Min(walk.Name.Length, 32)]))
            {
                case "request": _shape.IsFetch = true; Request(value); break;
                case "response": Response(value); break;
                case "rpcMethod": _shape.IsRpc = true; _shape.Name = value; break;
                case "cron": _shape.IsCron = true; _shape.Name = value; break;
                case "scheduledTime": _shape.IsTimed = true; break;
                case "queue": _shape.IsQueue = true; _shape.Name = value; break;
                case "batchSize": _shape.Count = Whole(value); break;
                case "mailFrom": _shape.IsEmail = true; _shape.Name = value; break;
                case "rcptTo": _shape.IsEmail = true; _shape.Target = value; break;
                case "consumedEvents": _shape.IsTail = true; _shape.Count = CountOf(value); break;
                case "getWebSocketEvent": _shape.IsSocket = true; Socket(value); break;
            }
        }
    }

    private void Request(JsonValue request)
    {
        for (var walk = new JsonWalk(batch, request); request.IsObject && walk.Next();)
        {
            if (walk.NameText.SequenceEqual("url"u8)) { _shape.Url = walk.Value; }
            else if (walk.NameText.SequenceEqual("method"u8)) { _shape.Method = walk.Value; }
        }
    }

    private void Response(JsonValue response)
    {
        for (var walk = new JsonWalk(batch, response); response.IsObject && walk.Next();)
        {
            if (walk.NameText.SequenceEqual("status"u8)) { _shape.Status = Whole(walk.Value); }
        }
    }

    private void Socket(JsonValue socketEvent)
    {
        for (var walk = new JsonWalk(batch, socketEvent); socketEvent.IsObject && walk.Next();)
        {
            if (walk.NameText.SequenceEqual("webSocketEventType"u8)) { _shape.Name = walk.Value; }
            else if (walk.NameText.SequenceEqual("code"u8)) { _shape.Status = Whole(walk.Value); }
        }
    }

    private long CountOf(JsonValue list)
    {
        var count = 0L;
        for (var walk = new JsonWalk(batch, list); list.IsArray && walk.Next();)
        {
            count++;
        }

        return count;
    }

    private long? Whole(JsonValue value) => text.Number(value, "event") is { } number and > -1e15 and < 1e15 ? (long)number : null;

    // Without host and query: the first says what the worker's name says, the second differs from call to call.
    private ReadOnlySpan<byte> Path(JsonValue url)
    {
        if (!url.IsString)
        {
            return default;
        }

        var plain = text.Plain(TailText.Inner(url), out _);
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
            Append(text.Plain(TailText.Inner(value), out _));
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
            Append(text.Plain(TailText.Inner(part), out _));
        }
    }

    private void Append(ReadOnlySpan<byte> part) =>
        Utf8Text.AppendClean(batch.Built, part[..Utf8Text.Cut(part, Math.Min(MaxPart, rules.MaxRowBytes / ShareOfRow))]);

    private struct Shape
    {
        public bool IsFetch, IsRpc, IsQueue, IsEmail, IsTail, IsSocket, IsCron, IsTimed;
        public JsonValue Method, Url, Name, Target;
        public long? Status, Count;
    }
}
