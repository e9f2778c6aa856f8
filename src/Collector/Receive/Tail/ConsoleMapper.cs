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
        var isException = line.Structured.IsPresent && tools.Exceptions.IsIn(line.Fields);
        var grade = GradeOf(line, isException);
        var row = invocation.Row(isException ? Kind.Exception : Kind.Log, Severity.LevelOf(grade, Level.Info));
        row.TimestampNanos = tools.Texts.Time(line.Timestamp, "timestamp") ?? invocation.TimestampNanos;
        if (_ids.TraceId(line.Fields.TraceId.Value) is var trace && trace != 0)
        {
            row.TraceId = trace;
            row.ParentSpanId = trace == invocation.TraceId ? row.ParentSpanId : 0;
            row.SpanId = _ids.SpanId(line.Fields.SpanId.Value);
        }

        row.Message = tools.Message(Message(line), rules.MaxRowBytes / 2);
        tools.FlagTime(ref row.TimestampNanos);
        row.Context = Context(line, grade, row.Message.Length);
        batch.Add(row);
    }

    // The line's own word before that of the console, which is "log" for whatever nobody thought about.
    private Grade GradeOf(in ConsoleLine line, bool isException)
    {
        if (line.Structured.IsPresent && tools.Lines.GradeOf(line.Fields.Level.Value) is var grade and not Grade.None)
        {
            return grade;
        }

        var ofConsole = line.Level.IsString ? Severity.OfText(batch.Text(line.Level.Text)) : Grade.None;
        return isException && ofConsole is not Grade.Warn ? Grade.Error : ofConsole;
    }

    private Slice Message(in ConsoleLine line) => PlainText.WithoutColours(batch, Text(line));

    private Slice Text(in ConsoleLine line)
    {
        var half = rules.MaxRowBytes / 2;
        if (line.Structured.IsPresent)
        {
            var text = line.Fields.Message.IsPresent ? tools.Texts.Column(line.Fields.Message.Value, half, "message")
                : line.Fields.Template.IsPresent ? tools.Templates.Fill(line.Structured, line.Fields.Template.Value, half)
                : tools.Exceptions.Text(line.Fields, half);
            return text.IsEmpty ? _format.Line(line.Structured, half) : text;
        }

        // A single text is the message, and stays in its place.
        return line.Count == 1 && line.First.IsString
            ? tools.Texts.Column(line.First, rules.MaxRowBytes - RoomForNotes, "message")
            : _format.Line(line.Arguments, half);
    }

    private Slice Context(in ConsoleLine line, Grade grade, int messageLength)
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

        tools.Context.Grade(grade, Grade.None);
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
}
