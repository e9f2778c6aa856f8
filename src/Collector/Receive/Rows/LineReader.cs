using System.Buffers.Text;
using System.Text.Json;
using Collector.Model;

namespace Collector.Receive.Rows;

/// <summary>
/// The one reader of structured lines, whoever wrote them and however they came: as JSON text, as an object or as a map. It knows
/// the members of pino, winston, bunyan, zap, slog, logrus, Serilog, NLog, log4j, structlog, loguru and others by
/// <see cref="FieldNames"/>, and a line within a line (Fluent Bit's and Docker's <c>log</c>).
/// </summary>
internal sealed class LineReader(RowBatch batch, FieldNames names, JsonTable table, JsonTexts texts)
{
    // {"log":"{\"message\":\"{…}\"}"}: nobody wraps more often.
    private const int MaxLines = 3;

    /// <summary>What an object says; nothing where the value is none.</summary>
    public StructuredFields Read(JsonValue line)
    {
        StructuredFields read = default;
        for (var lines = 0; line.IsObject && lines < MaxLines; lines++)
        {
            StructuredFields inner = default;
            Add(ref inner, line, 0, default);
            // What is within says what happened; whose it is, what is around it.
            inner.AddMissing(read);
            read.AddIds(inner);
            read = inner with { CorrelationId = read.CorrelationId, RequestId = read.RequestId, TraceId = read.TraceId, SpanId = read.SpanId };
            line = texts.Structured(read.Message.Value) is { IsObject: true } next && next.Node != line.Node ? next : default;
        }

        return read;
    }

    /// <summary>A level as a logger writes it: a word, a number, or an object that has its name.</summary>
    public Grade GradeOf(JsonValue level)
    {
        if (level.IsObject)
        {
            level = table.Member(level, "name"u8);
        }

        return level.IsString ? Severity.OfText(batch.Text(level.Text))
            : level.IsNumber && Utf8Parser.TryParse(batch.Text(level.Text), out double number, out _) ? Severity.OfLogger(number)
            : Grade.None;
    }

    /// <summary>The time that a line says; false where it says none, or one that may be anybody's.</summary>
    public bool TryTime(JsonValue time, out ulong nanos)
    {
        nanos = 0;
        if (!time.IsObject)
        {
            return LineTime.TryRead(batch.Text(time.Text), out nanos);
        }

        // loguru's, and log4j's instant.
        var seconds = table.Member(time, "timestamp"u8) is { IsNumber: true } timestamp ? timestamp : table.Member(time, "epochSecond"u8);
        var fraction = table.Member(time, "nanoOfSecond"u8);
        var isTime = seconds.IsNumber && LineTime.TryRead(batch.Text(seconds.Text), out nanos);
        nanos += fraction.IsNumber && Utf8Parser.TryParse(batch.Text(fraction.Text), out uint rest, out _) && rest < 1_000_000_000 ? rest : 0;
        return isTime;
    }

    private void Add(ref StructuredFields read, JsonValue value, int depth, Slice parent)
    {
        for (var walk = table.Walk(value); walk.Next();)
        {
            // Elements of an array have no names: they count as members of what holds it.
            var name = walk.Name.Text;
            if (!name.IsEmpty)
            {
                var match = names.Of(batch.Text(name), batch.Text(parent));
                if (match.RankAt(depth) is > 0 and var rank && Says(match.Meaning, walk.Value))
                {
                    read.Offer(match.Meaning, walk.Value, rank);
                }
            }

            if (walk.Value.IsObject || (walk.Value.IsArray && depth < ValueWriter.MaxDepth))
            {
                Add(ref read, walk.Value, depth + 1, name.IsEmpty ? parent : name);
            }
        }
    }

    private bool Says(Meaning meaning, JsonValue value) => meaning switch
    {
        Meaning.Level => GradeOf(value) != Grade.None,
        Meaning.Message or Meaning.Template or Meaning.Stack => value.IsString && !value.Text.IsEmpty,
        Meaning.Error => value.IsObject || (value.IsString && !value.Text.IsEmpty),
        Meaning.TraceId => value.IsString && IdText.TryTrace(batch.Text(value.Text), out _),
        Meaning.SpanId => value.IsString && IdText.TrySpan(batch.Text(value.Text), out _),
        Meaning.Time => value.Kind is JsonTokenType.String or JsonTokenType.Number or JsonTokenType.StartObject,
        _ => value.IsNumber || (value.IsString && !value.Text.IsEmpty),
    };
}
