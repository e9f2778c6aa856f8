using Collector.Model;
using Collector.Receive.Rows;

namespace Collector.Receive.Tail;

/// <summary>
/// From an exception that the runtime reports to its row; its context uses OTLP's names. The notes already hold what was odd
/// in it.
/// </summary>
internal sealed class ExceptionMapper(RowBatch batch, MappingRules rules, TailContext tools)
{
    private const int MaxType = 256;

    public void Map(JsonValue entry, in Invocation invocation)
    {
        var exception = Read(entry);
        var row = invocation.Row(Kind.Exception, Level.Error);
        row.TimestampNanos = tools.Texts.Time(exception.Timestamp, "timestamp") ?? invocation.TimestampNanos;
        row.Message = tools.Message(Message(exception), rules.MaxRowBytes / 2);
        tools.FlagTime(ref row.TimestampNanos);
        row.Context = Context(entry, exception, row.Message.Length);
        batch.Add(row);
    }

    private ReportedException Read(JsonValue entry) => new()
    {
        Name = tools.Table.Member(entry, "name"u8),
        Message = tools.Table.Member(entry, "message"u8),
        Stack = tools.Table.Member(entry, "stack"u8),
        Timestamp = tools.Table.Member(entry, "timestamp"u8),
    };

    private Slice Message(in ReportedException exception)
    {
        var name = tools.Texts.Column(exception.Name, MaxType, "name");
        var message = tools.Texts.Column(exception.Message, rules.MaxRowBytes / 2, "message");
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
        tools.JsonValues.Named("\"exception.type\":"u8, exception.Name, "name");
        tools.JsonValues.Named("\"exception.message\":"u8, exception.Message, "message");
        tools.JsonValues.Named("\"exception.stacktrace\":"u8, exception.Stack, "stack");
        tools.Json.Raw((byte)'}');
        if (!entry.IsObject)
        {
            tools.Json.Name("\"exception\":"u8);
            Whole(entry);
            return tools.Context.End(start);
        }

        for (var walk = tools.Table.Walk(entry); walk.Next();)
        {
            if (!exception.Has(walk.Value))
            {
                tools.JsonValues.Member(walk.Name, walk.Value, "exception");
            }
        }

        return tools.Context.End(start);
    }

    private void Whole(JsonValue entry)
    {
        if (!tools.JsonValues.TryWrite(entry, Secrecy.None, new Place("exception")))
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
