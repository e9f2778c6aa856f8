using Collector.Receive.Rows;

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

    /// <summary>It has a member that makes it one.</summary>
    public readonly bool IsAny =>
        Event.IsPresent || EventTimestamp.IsPresent || Logs.IsPresent || Exceptions.IsPresent || ScriptName.IsPresent || Outcome.IsPresent;

    public static TailItem Read(JsonTable table, JsonValue item)
    {
        TailItem read = default;
        for (var walk = table.Walk(item); walk.Next();)
        {
            if (walk.Is("event"u8)) { read.Event = walk.Value; }
            else if (walk.Is("eventTimestamp"u8)) { read.EventTimestamp = walk.Value; }
            else if (walk.Is("logs"u8)) { read.Logs = walk.Value; }
            else if (walk.Is("exceptions"u8)) { read.Exceptions = walk.Value; }
            else if (walk.Is("diagnosticsChannelEvents"u8)) { read.Diagnostics = walk.Value; }
            else if (walk.Is("scriptName"u8)) { read.ScriptName = walk.Value; }
            else if (walk.Is("tailAttributes"u8)) { read.TailAttributes = walk.Value; }
            else if (walk.Is("outcome"u8)) { read.Outcome = walk.Value; }
            else if (walk.Is("cpuTime"u8)) { read.CpuTime = walk.Value; }
            else if (walk.Is("wallTime"u8)) { read.WallTime = walk.Value; }
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
    public readonly bool IsElsewhere(JsonTable table, JsonValue value) =>
        value == EventTimestamp || value == CpuTime || value == WallTime ? value.IsNumber
        : value == Logs || value == Exceptions ? value.IsArray
        : value == ScriptName || value == Outcome ? value.IsString
        : value == Diagnostics && value.IsArray && !table.Walk(value).Next();
}
