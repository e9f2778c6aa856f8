using Collector.Model;

namespace Collector.Receive.Rows;

/// <summary>Finds the exception that a logger wrote into its line, as an object or as the text of a stack trace.</summary>
internal sealed class LineException(RowBatch batch, MappingContext tools, JsonTable table, JsonTexts texts)
{
    private const int MaxType = 256;

    /// <summary>The line is about an exception.</summary>
    public bool IsIn(in StructuredFields line)
    {
        if (line.Error.Value is { IsObject: true } error)
        {
            return Stack(error).IsPresent || Message(error).IsPresent;
        }

        return !StackLine(line.Error.Value).IsEmpty || !StackLine(line.Stack.Value).IsEmpty;
    }

    /// <summary>"Type: message", for a line that has no message of its own; empty where there is no exception either.</summary>
    public Slice Text(in StructuredFields line, int room)
    {
        if (line.Error.Value is not { IsObject: true } error)
        {
            var stack = StackLine(line.Error.Value) is { IsEmpty: false } ofError ? ofError : StackLine(line.Stack.Value);
            return stack.IsEmpty && line.Error.IsPresent ? texts.Column(line.Error.Value, room, "message") : tools.Text(stack, room, new Place("message"));
        }

        var type = table.Member(error, "type"u8) is { IsString: true } named ? named : table.Member(error, "name"u8);
        var (name, message) = (Column(type, MaxType), Column(Message(error), room));
        if (name.IsEmpty || message.IsEmpty)
        {
            return name.IsEmpty ? message : name;
        }

        // Joining grows the built text, in which both may stand.
        _ = batch.Built.GetSpan((2 * (name.Length + message.Length)) + 2);
        return tools.Joined(name, message);
    }

    private Slice Column(JsonValue value, int room) => value.IsString ? texts.Column(value, room, "message") : default;

    private JsonValue Message(JsonValue error)
    {
        var message = table.Member(error, "message"u8);
        message = message.IsString ? message : table.Member(error, "msg"u8);
        return message.IsString ? message : table.Member(error, "value"u8) is { IsString: true } value ? value : default;
    }

    private JsonValue Stack(JsonValue error)
    {
        for (var walk = table.Walk(error); walk.Next();)
        {
            if (walk.Value.IsPresent && (walk.Is("stack"u8) || walk.Is("stacktrace"u8) || walk.Is("stack_trace"u8) || walk.Is("traceback"u8)
                || walk.Is("extendedStackTrace"u8)))
            {
                return walk.Value;
            }
        }

        return default;
    }

    private Slice StackLine(JsonValue stack)
    {
        if (!stack.IsString || !stack.IsEscaped)
        {
            return stack.IsString ? StackText.Line(stack.Text, batch.Text(stack.Text)) : default;
        }

        // Line breaks are escapes: the text is built without them.
        var start = batch.Built.Length;
        Utf8Text.AppendClean(batch.Built, texts.Plain(stack, out _));
        var plain = tools.Json.SliceSince(start);
        return StackText.Line(plain, batch.Text(plain));
    }
}
