using Collector.Model;
using Collector.Receive.Rows;

namespace Collector.Receive.Tail;

/// <summary>
/// From an exception that the runtime reports to its row; named in the context as OTLP names it. The notes hold what was
/// odd in it before.
/// </summary>
internal sealed class ExceptionMapper(RowBatch batch, MappingRules rules, MappingContext tools, TailText text, TailValues values)
{
    private const int MaxType = 256;

    public void Map(JsonValue entry, in Invocation invocation)
    {
        var exception = Read(entry);
        var row = invocation.Row(Kind.Exception, Level.Error);
        row.TimestampNanos = text.Time(exception.Timestamp, "timestamp") ?? invocation.TimestampNanos;
        row.Message = Message(exception);
        tools.FlagTime(ref row.TimestampNanos);
        row.Context = Context(entry, exception, row.Message.Length);
        batch.Add(row);
    }

    private ReportedException Read(JsonValue entry)
    {
        ReportedException exception = default;
        for (var walk = new JsonWalk(batch, entry); entry.IsObject && walk.Next();)
        {
            var name = walk.NameText;
            if (name.SequenceEqual("name"u8)) { exception.Name = walk.Value; }
            else if (name.SequenceEqual("message"u8)) { exception.Message = walk.Value; }
            else if (name.SequenceEqual("stack"u8)) { exception.Stack = walk.Value; }
            else if (name.SequenceEqual("timestamp"u8)) { exception.Timestamp = walk.Value; }
        }

        return exception;
    }

    private Slice Message(in ReportedException exception)
    {
        var name = text.Column(exception.Name, MaxType, "name");
        var message = text.Column(exception.Message, rules.MaxRowBytes / 2, "message");
        if (name.IsEmpty || message.IsEmpty)
        {
            return name.IsEmpty ? message : name;
        }

        // Joining grows the built text, in which both may stand.
        _ = batch.Built.GetSpan((2 * (name.Length + message.Length)) + 2);
        return tools.Joined(name, message);
    }

    private Slice Context(JsonValue entry, in ReportedException exception, int messageLength)
    {
        tools.Json.Limit = tools.Json.Length + rules.MaxRowBytes - messageLength;
        var start = tools.Context.Begin();
        tools.Json.Name("\"attributes\":{"u8);
        values.Named("\"exception.type\":"u8, exception.Name, "name");
        values.Named("\"exception.message\":"u8, exception.Message, "message");
        values.Named("\"exception.stacktrace\":"u8, exception.Stack, "stack");
        tools.Json.Raw((byte)'}');
        if (!entry.IsObject)
        {
            tools.Json.Name("\"exception\":"u8);
            Whole(entry);
            return tools.Context.End(start);
        }

        for (var walk = new JsonWalk(batch, entry); walk.Next();)
        {
            if (!exception.Has(walk.Value))
            {
                values.Member(walk.Name, walk.Value, "exception");
            }
        }

        return tools.Context.End(start);
    }

    private void Whole(JsonValue entry)
    {
        if (!values.TryWrite(entry, Secrecy.None, new Place("exception")))
        {
            tools.Json.Raw("null"u8);
        }

        tools.Notes.Add("exceptions", $"{entry.KindName} instead of an object");
    }

    private struct ReportedException
    {
        public JsonValue Name, Message, Stack, Timestamp;

        public readonly bool Has(JsonValue value) =>
            value == Name || value == Message || value == Stack || (value == Timestamp && value.IsNumber);
    }
}
