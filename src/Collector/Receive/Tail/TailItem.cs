using Collector.Model;

namespace Collector.Receive.Tail;

/// <summary>The members of a TraceItem, wherever they stood. Source: developers.cloudflare.com, Tail Workers.</summary>
internal struct TailItem
{
    public JsonValue Event;
    public JsonValue EventTimestamp;
    public JsonValue Logs;
    public JsonValue Exceptions;
    public JsonValue Diagnostics;
    public JsonValue ScriptName;
    public JsonValue TailAttributes;
    public JsonValue Outcome;
    public JsonValue CpuTime;
    public JsonValue WallTime;

    public static TailItem Read(RowBatch batch, JsonValue item)
    {
        TailItem read = default;
        for (var walk = new JsonWalk(batch, item); walk.Next();)
        {
            var name = walk.NameText;
            if (name.SequenceEqual("event"u8)) { read.Event = walk.Value; }
            else if (name.SequenceEqual("eventTimestamp"u8)) { read.EventTimestamp = walk.Value; }
            else if (name.SequenceEqual("logs"u8)) { read.Logs = walk.Value; }
            else if (name.SequenceEqual("exceptions"u8)) { read.Exceptions = walk.Value; }
            else if (name.SequenceEqual("diagnosticsChannelEvents"u8)) { read.Diagnostics = walk.Value; }
            else if (name.SequenceEqual("scriptName"u8)) { read.ScriptName = walk.Value; }
            else if (name.SequenceEqual("tailAttributes"u8)) { read.TailAttributes = walk.Value; }
            else if (name.SequenceEqual("outcome"u8)) { read.Outcome = walk.Value; }
            else if (name.SequenceEqual("cpuTime"u8)) { read.CpuTime = walk.Value; }
            else if (name.SequenceEqual("wallTime"u8)) { read.WallTime = walk.Value; }
        }

        return read;
    }

    /// <summary>Members that all rows of an invocation share, and that thousands of invocations repeat.</summary>
    public static bool IsOfResource(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("scriptVersion"u8) || name.SequenceEqual("scriptTags"u8)
        || name.SequenceEqual("dispatchNamespace"u8) || name.SequenceEqual("entrypoint"u8)
        || name.SequenceEqual("executionModel"u8);

    /// <summary>Members that have a column or rows of their own, and so don't stand in the request's context too.
    /// </summary>
    public readonly bool IsElsewhere(ReadOnlySpan<byte> name, JsonValue value) =>
        name.SequenceEqual("eventTimestamp"u8) ? value.IsNumber
        : name.SequenceEqual("logs"u8) ? Logs.IsArray && value == Logs
        : name.SequenceEqual("exceptions"u8) ? Exceptions.IsArray && value == Exceptions
        : name.SequenceEqual("diagnosticsChannelEvents"u8) ? IsEmptyArray(value)
        : name.SequenceEqual("scriptName"u8) || name.SequenceEqual("outcome"u8) ? value.IsString
        : (name.SequenceEqual("cpuTime"u8) || name.SequenceEqual("wallTime"u8)) && value.IsNumber;

    private static bool IsEmptyArray(JsonValue value) => value.IsArray && value.Raw.Length == 2;
}
