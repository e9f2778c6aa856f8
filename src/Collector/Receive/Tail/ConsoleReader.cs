using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;
using Collector.Model;
using Collector.Receive.Rows;

namespace Collector.Receive.Tail;

/// <summary>
/// Reads the console lines of an invocation before any row is written, since its rows share what a line may say last.
/// </summary>
internal sealed class ConsoleReader(RowBatch batch, IByteAllowance allowance, TailContext tools) : IDisposable
{
    // Lines that memory is asked for at once.
    private const int Step = 16;

    private static readonly int _lineBytes = Unsafe.SizeOf<ConsoleLine>();

    private readonly List<ConsoleLine> _lines = [];
    private int _paid;

    public Span<ConsoleLine> Lines => CollectionsMarshal.AsSpan(_lines);

    /// <summary>The allowance said no; the lines are not all there.</summary>
    public bool Refused { get; private set; }

    public void Read(JsonValue logs)
    {
        _lines.Clear();
        for (var walk = tools.Table.Walk(logs); logs.IsArray && walk.Next() && HasRoom();)
        {
            _lines.Add(Line(walk.Value));
        }
    }

    public void Dispose() => allowance.GiveBack((long)_paid * _lineBytes);

    private bool HasRoom()
    {
        if (_lines.Count == _paid)
        {
            Refused |= batch.Refused || !allowance.TryTake((long)Step * _lineBytes);
            _paid += Refused ? 0 : Step;
        }

        return !Refused;
    }

    /// <summary>Reads one entry of the console.</summary>
    public ConsoleLine Line(JsonValue entry)
    {
        var line = new ConsoleLine { Entry = entry };
        if (entry.IsObject)
        {
            Members(entry, ref line);
        }
        else
        {
            line.Arguments = entry;
        }

        if (line.Arguments.IsArray)
        {
            Arguments(ref line);
        }
        else
        {
            line.First = line.Arguments;
            line.Count = line.Arguments.Kind == JsonTokenType.None ? 0 : 1;
        }

        if (line.Count == 1 && Structured(line.First) is { IsPresent: true } structured)
        {
            line.Structured = structured;
            line.Fields.Add(tools.Table, structured);
        }

        return line;
    }

    private void Members(JsonValue entry, ref ConsoleLine line)
    {
        for (var walk = tools.Table.Walk(entry); walk.Next();)
        {
            if (walk.Is("message"u8)) { line.Arguments = walk.Value; }
            else if (walk.Is("level"u8)) { line.Level = walk.Value; }
            else if (walk.Is("timestamp"u8)) { line.Timestamp = walk.Value; }
        }
    }

    private void Arguments(ref ConsoleLine line)
    {
        for (var walk = tools.Table.Walk(line.Arguments); walk.Next();)
        {
            line.First = line.Count++ == 0 ? walk.Value : line.First;
            if (walk.Value.IsObject)
            {
                // One of several: a line about something, which may still say whose it is.
                var fields = default(StructuredFields);
                fields.Add(tools.Table, walk.Value);
                line.Fields.AddIds(fields with { SpanId = default });
            }
        }
    }

    private JsonValue Structured(JsonValue argument)
    {
        if (!argument.IsString)
        {
            return argument.IsObject ? argument : default;
        }

        // Most texts are turned away by their ends: to find out that a text is not JSON costs an exception.
        var text = batch.Text(argument.Text);
        if (text.Length < 2 || text[0] != (byte)'{' || text[^1] != (byte)'}')
        {
            return default;
        }

        var built = tools.Built(tools.Texts.Plain(argument, out _));
        if (tools.Table.TryRead(built, out var structured))
        {
            return structured;
        }

        batch.Built.Truncate(built.Offset);
        return default;
    }
}
