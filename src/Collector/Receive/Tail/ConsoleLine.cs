using System.Text.Json;
using Collector.Receive.Rows;

namespace Collector.Receive.Tail;

/// <summary>One call of the console: its members, and the fields of its structured argument, if it has one.</summary>
internal struct ConsoleLine
{
    /// <summary>The entry as a whole.</summary>
    public JsonValue Entry;

    public JsonValue Level;
    public JsonValue Timestamp;

    /// <summary>Mostly an array of arguments.</summary>
    public JsonValue Arguments;

    public JsonValue First;
    public int Count;

    /// <summary>The only argument, if it is an object, or the text of one.</summary>
    public JsonValue Structured;

    public StructuredFields Fields;

    /// <summary>An object that came beside the arguments, and says more of the line.</summary>
    public JsonValue Context;

    /// <summary>Reads an entry of the console. The text of an object among its arguments is built on the first reading: later
    /// ones find it in the table, so that a context may stand open.</summary>
    public static ConsoleLine Read(TailContext tools, JsonValue entry)
    {
        var table = tools.Table;
        var line = new ConsoleLine { Entry = entry };
        if (entry.IsObject)
        {
            line.Arguments = table.Member(entry, "message"u8);
            line.Level = table.Member(entry, "level"u8);
            line.Timestamp = table.Member(entry, "timestamp"u8);
        }
        else
        {
            line.Arguments = entry;
        }

        line.First = line.Arguments;
        line.Count = line.Arguments.Kind == JsonTokenType.None ? 0 : 1;
        if (line.Arguments.IsArray)
        {
            line.ReadArguments(tools, table);
        }

        line.Structured = line.Count == 1 ? tools.Texts.Structured(line.First) : default;
        var ids = line.Fields;
        line.Fields = tools.Lines.Read(line.Structured);
        line.Fields.AddIds(ids);
        return line;
    }

    /// <summary>Fills in what was not known of whose line it is, and keeps the rest as attributes.</summary>
    public void AddContext(TailContext tools, JsonValue context)
    {
        Fields.AddIds(tools.Lines.Read(context));
        Context = context;
    }

    private void ReadArguments(TailContext tools, JsonTable table)
    {
        Count = 0;
        for (var walk = table.Walk(Arguments); walk.Next();)
        {
            First = Count++ == 0 ? walk.Value : First;
            if (walk.Value.IsObject)
            {
                // One of several: a line about something, which may still say whose it is.
                Fields.AddIds(tools.Lines.Read(walk.Value) with { SpanId = default });
            }
        }
    }
}
