using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;
using Collector.Model;

namespace Collector.Receive.Tail;

/// <summary>
/// Reads the console lines of an invocation before any row is written, since its rows share what a line may say last.
/// </summary>
internal sealed class ConsoleReader(RowBatch batch, IByteAllowance allowance, TailText text) : IDisposable
{
    // Lines that memory is asked for at once.
    private const int Step = 16;

    // After so many texts that looked like objects and were none, a request's texts are texts: each costs an exception.
    private const int MaxFailures = 1000;

    private static readonly int _lineBytes = Unsafe.SizeOf<ConsoleLine>();

    private readonly List<ConsoleLine> _lines = [];
    private int _paid;
    private int _failures;

    public Span<ConsoleLine> Lines => CollectionsMarshal.AsSpan(_lines);

    /// <summary>The allowance said no; the lines are not all there.</summary>
    public bool Refused { get; private set; }

    public void Read(JsonValue logs)
    {
        _lines.Clear();
        if (!logs.IsArray)
        {
            return;
        }

        for (var walk = new JsonWalk(batch, logs); walk.Next() && HasRoom();)
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

    private ConsoleLine Line(JsonValue entry)
    {
        var line = new ConsoleLine { Entry = entry };
        if (!entry.IsObject)
        {
            line.Arguments = entry;
        }
        else
        {
            Members(entry, ref line);
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
            line.Fields.Add(batch, structured);
        }

        return line;
    }

    private void Members(JsonValue entry, ref ConsoleLine line)
    {
        for (var walk = new JsonWalk(batch, entry); walk.Next();)
        {
            var name = walk.NameText;
            if (name.SequenceEqual("message"u8)) { line.Arguments = walk.Value; }
            else if (name.SequenceEqual("level"u8)) { line.Level = walk.Value; }
            else if (name.SequenceEqual("timestamp"u8)) { line.Timestamp = walk.Value; }
        }
    }

    private void Arguments(ref ConsoleLine line)
    {
        for (var walk = new JsonWalk(batch, line.Arguments); walk.Next();)
        {
            line.First = line.Count++ == 0 ? walk.Value : line.First;
            if (walk.Value.IsObject)
            {
                // One of several: a line about something, which may still say whose it is.
                var fields = default(StructuredFields);
                fields.Add(batch, walk.Value);
                line.Fields.CorrelationId = line.Fields.CorrelationId.IsPresent ? line.Fields.CorrelationId : fields.CorrelationId;
                line.Fields.TraceId = line.Fields.TraceId.IsPresent ? line.Fields.TraceId : fields.TraceId;
            }
        }
    }

    private JsonValue Structured(JsonValue argument)
    {
        if (!argument.IsString)
        {
            return argument.IsObject ? argument : default;
        }

        // Most texts are turned away by their ends: to find out that a text is no JSON costs an exception.
        var inner = batch.Text(TailText.Inner(argument));
        if (inner.Length < 2 || inner[0] != (byte)'{' || inner[^1] != (byte)'}' || _failures > MaxFailures)
        {
            return default;
        }

        var start = batch.Built.Length;
        batch.Built.Append(text.Plain(TailText.Inner(argument), out _));
        var built = Slice.OfBuilt(start, batch.Built.Length - start);
        if (IsObject(batch.Text(built)))
        {
            return new JsonValue(JsonTokenType.StartObject, built);
        }

        _failures++;
        batch.Built.Truncate(start);
        return default;
    }

    private static bool IsObject(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = JsonWalk.MaxDepth });
        try
        {
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
