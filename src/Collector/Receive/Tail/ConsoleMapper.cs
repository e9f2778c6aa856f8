using Collector.Model;
using Collector.Receive.Rows;

namespace Collector.Receive.Tail;

/// <summary>From a console line to its row. The notes hold what was odd in it before.</summary>
internal sealed class ConsoleMapper(RowBatch batch, MappingRules rules, TailContext tools)
{
    private const int RoomForNotes = 512;

    private readonly ConsoleFormat _format = new(batch, tools);
    private readonly InvocationReader _ids = new(batch, tools);

    public void Map(in ConsoleLine line, in Invocation invocation)
    {
        var row = invocation.Row(Kind.Log, LevelOf(line));
        row.TimestampNanos = tools.Texts.Time(line.Timestamp, "timestamp") ?? invocation.TimestampNanos;
        if (_ids.TraceId(line.Fields.TraceId) is var trace && trace != 0)
        {
            row.TraceId = trace;
            row.ParentSpanId = trace == invocation.TraceId ? row.ParentSpanId : 0;
            row.SpanId = _ids.SpanId(line.Fields.SpanId);
        }

        row.Message = Message(line);
        tools.FlagTime(ref row.TimestampNanos);
        row.Context = Context(line, row.Message.Length);
        batch.Add(row);
    }

    private Level LevelOf(in ConsoleLine line)
    {
        var ofConsole = Word(line.Level, Level.Info);
        return line.Structured.IsPresent ? Word(line.Fields.Level, ofConsole) : ofConsole;
    }

    private Level Word(JsonValue level, Level fallback) =>
        level.IsString ? Severity.LevelOf(0, batch.Text(level.Text), fallback) : fallback;

    private Slice Message(in ConsoleLine line)
    {
        var half = rules.MaxRowBytes / 2;
        if (IsText(line.Fields.Message) && line.Structured.IsPresent)
        {
            return tools.Texts.Column(line.Fields.Message, half, "message");
        }

        // A single text is the message, and stays in its place; a structure is told by its JSON.
        return line.Count == 1 && line.First.IsString && !line.Structured.IsPresent
            ? tools.Texts.Column(line.First, rules.MaxRowBytes - RoomForNotes, "message")
            : _format.Line(line.Structured.IsPresent ? line.Structured : line.Arguments, half);
    }

    private Slice Context(in ConsoleLine line, int messageLength)
    {
        tools.Json.Limit = tools.Json.Length + rules.MaxRowBytes - messageLength;
        var start = tools.Context.Begin();
        if (line.Structured.IsPresent || line.Context.IsObject)
        {
            Attributes(line);
        }

        if (!line.Structured.IsPresent && line.Count > 1)
        {
            tools.JsonValues.Named("\"arguments\":"u8, line.Arguments, "arguments");
        }

        if (line.Entry.IsObject)
        {
            Others(line);
        }
        else
        {
            tools.Notes.Add("logs", $"{line.Entry.KindName} instead of an object");
        }

        return tools.Context.End(start);
    }

    private void Attributes(in ConsoleLine line)
    {
        var before = tools.Json.Length;
        tools.Json.Name("\"attributes\":{"u8);
        var open = tools.Json.Length;
        Members(line.Structured, line.Fields);
        Members(line.Context, line.Fields);
        if (tools.Json.Length == open)
        {
            tools.Json.Truncate(before);
            return;
        }

        tools.Json.Raw((byte)'}');
    }

    private void Members(JsonValue value, in StructuredFields fields)
    {
        for (var walk = tools.Table.Walk(value); walk.Next();)
        {
            if (!fields.IsInColumn(walk.Value))
            {
                tools.JsonValues.Member(walk.Name, walk.Value, "attributes");
            }
        }
    }

    // The console's own level where the column says something else, and all members that are new.
    private void Others(in ConsoleLine line)
    {
        for (var walk = tools.Table.Walk(line.Entry); walk.Next();)
        {
            var isTime = walk.Value == line.Timestamp && line.Timestamp.IsNumber;
            var isLevel = walk.Value == line.Level && IsColumnsWord(line.Level);
            var isMessage = walk.Value == line.Arguments && walk.Value.IsArray;
            if (!isTime && !isLevel && !isMessage)
            {
                tools.JsonValues.Member(walk.Name, walk.Value, "log");
            }
        }

        if (!line.Arguments.IsArray)
        {
            tools.Notes.Add("message", $"{line.Arguments.KindName} instead of an array");
        }
    }

    private bool IsColumnsWord(JsonValue level) => level.IsString
        && batch.Text(level.Text) is var word
        && (word.SequenceEqual("debug"u8) || word.SequenceEqual("info"u8) || word.SequenceEqual("warn"u8)
            || word.SequenceEqual("error"u8));

    private static bool IsText(JsonValue value) => value.IsString && !value.Text.IsEmpty;
}
