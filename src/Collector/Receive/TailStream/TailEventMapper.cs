using System.Globalization;
using System.Text;
using System.Text.Json;
using Collector.Model;
using Collector.Protobuf;
using Collector.Receive.Rows;
using Collector.Receive.Tail;

namespace Collector.Receive.TailStream;

/// <summary>
/// From a TailEvent to its row. It enters the event into the context's table as the part of a trace item that says the same,
/// so that the mappers of <see cref="Tail"/> map both.
/// </summary>
internal sealed class TailEventMapper(RowBatch batch, MappingRules rules, TailContext tools)
{
    private readonly TailMapper _mapper = new(batch, rules, tools);
    private readonly JsonTable _table = tools.Table;

    public void Map(in EventFields happened)
    {
        tools.Notes.Clear();
        _table.Clear();
        switch (happened.Kind)
        {
            case TailSchema.EventLog:
                Log(happened);
                break;
            case TailSchema.EventException:
                var exception = Exception(happened.Content);
                _mapper.Exceptions.Map(exception, Shared(happened, default));
                break;
            case TailSchema.EventRequest:
                var item = Request(happened.Content);
                var members = TailItem.Read(_table, item);
                _mapper.Requests.Map(item, members, Shared(happened, members));
                break;
            case TailSchema.EventTiming:
                Timing(happened);
                break;
            default:
                tools.Notes.Add("event", "none of log, exception, request and timing is set");
                Plain(Shared(happened, default).Row(Kind.Log, Level.Info));
                break;
        }
    }

    private void Log(in EventFields happened)
    {
        Slice level = default, beside = default;
        for (var reader = Reader(happened.Content); reader.Next();)
        {
            level = reader.Field == TailSchema.LogLevel ? reader.Payload : level;
            beside = reader.Field == TailSchema.LogContext ? reader.Payload : beside;
        }

        var isObject = TryContext(beside, out var context);
        var entry = _table.Open(JsonTokenType.StartObject);
        Text("level"u8, level);
        var arguments = _table.Open(JsonTokenType.StartArray, Name("message"u8));
        for (var reader = Reader(happened.Content); reader.Next();)
        {
            if (reader.Field == TailSchema.LogArguments)
            {
                Argument(reader.Payload);
            }
        }

        _table.Close(arguments);
        Text("context"u8, isObject ? default : beside);
        _table.Close(entry);
        var line = ConsoleLine.Read(tools, _table.At(entry));
        if (isObject)
        {
            line.AddContext(tools, context);
        }

        _mapper.Lines.Map(line, Shared(happened, default, line.Fields));
    }

    // The JSON text of an argument, otherwise a plain text. The first byte rules out most of these: to find out that a text is
    // not JSON costs an exception.
    private void Argument(Slice text)
    {
        var bytes = batch.Text(text);
        var mayBeJson = !bytes.IsEmpty && "\"{[-0123456789tfn"u8.Contains(bytes[0]);
        if (!mayBeJson || !_table.TryRead(text, out _))
        {
            _table.Add(new JsonValue(JsonTokenType.String, text));
        }
    }

    private bool TryContext(Slice text, out JsonValue context)
    {
        context = default;
        var bytes = batch.Text(text);
        var isObject = !bytes.IsEmpty && bytes[0] == (byte)'{' && _table.TryRead(text, out context);
        if (!isObject && !bytes.IsEmpty)
        {
            tools.Notes.Add("context", "no JSON object, kept as text");
        }

        return isObject;
    }

    private JsonValue Exception(Slice exception)
    {
        var entry = _table.Open(JsonTokenType.StartObject);
        for (var reader = Reader(exception); reader.Next();)
        {
            switch (reader.Field)
            {
                case TailSchema.ExceptionType: Text("name"u8, reader.Payload); break;
                case TailSchema.ExceptionMessage: Text("message"u8, reader.Payload); break;
                case TailSchema.ExceptionStack: Text("stack"u8, reader.Payload); break;
            }
        }

        _table.Close(entry);
        return _table.At(entry);
    }

    // An item of a fetch event, without lines and exceptions.
    private JsonValue Request(Slice message)
    {
        Slice outcome = default, timing = default;
        var status = 0UL;
        var item = _table.Open(JsonTokenType.StartObject);
        var fetch = _table.Open(JsonTokenType.StartObject, Name("event"u8));
        var request = _table.Open(JsonTokenType.StartObject, Name("request"u8));
        for (var reader = Reader(message); reader.Next();)
        {
            switch (reader.Field)
            {
                case TailSchema.RequestMethod: Text("method"u8, reader.Payload); break;
                case TailSchema.RequestUrl: Text("url"u8, reader.Payload); break;
                case TailSchema.RequestStatus: status = reader.Number; break;
                case TailSchema.RequestOutcome: outcome = reader.Payload; break;
                case TailSchema.RequestTiming: timing = reader.Payload; break;
            }
        }

        Headers(message);
        _table.Close(request);
        if (status != 0)
        {
            var response = _table.Open(JsonTokenType.StartObject, Name("response"u8));
            Number("status"u8, status);
            _table.Close(response);
        }

        _table.Close(fetch);
        Text("outcome"u8, outcome);
        Times(timing);
        _table.Close(item);
        return _table.At(item);
    }

    private void Headers(Slice request)
    {
        var headers = 0;
        for (var reader = Reader(request); reader.Next();)
        {
            if (reader.Field == TailSchema.RequestHeaders)
            {
                headers = headers == 0 ? _table.Open(JsonTokenType.StartObject, Name("headers"u8)) : headers;
                Header(reader.Payload);
            }
        }

        if (headers > 0)
        {
            _table.Close(headers);
        }
    }

    private void Header(Slice entry)
    {
        Slice name = default, value = default;
        for (var reader = Reader(entry); reader.Next();)
        {
            name = reader.Field == TailSchema.HeaderName ? reader.Payload : name;
            value = reader.Field == TailSchema.HeaderValue ? reader.Payload : value;
        }

        _table.Add(new JsonValue(JsonTokenType.String, value), new JsonValue(JsonTokenType.String, name));
    }

    private void Timing(in EventFields happened)
    {
        var item = _table.Open(JsonTokenType.StartObject);
        Times(happened.Content);
        _table.Close(item);
        var times = TailItem.Read(_table, _table.At(item));
        var row = Shared(happened, default).Row(Kind.Span, Level.Info);
        row.ExecutionTimeMs = _mapper.Requests.Time(times.CpuTime, "cpu_ms") is { } cpu ? (long)Math.Round(cpu) : null;
        row.WallTimeMs = _mapper.Requests.Time(times.WallTime, "wall_ms");
        var summary = $"timing: wall {Shown(row.WallTimeMs)} ms, CPU {Shown(row.ExecutionTimeMs)} ms";
        row.Message = tools.Built(Encoding.ASCII.GetBytes(summary));
        Plain(row);
    }

    private void Times(Slice timing)
    {
        for (var reader = Reader(timing); reader.Next();)
        {
            if (reader.Field is TailSchema.TimingCpu or TailSchema.TimingWall)
            {
                var isCpu = reader.Field == TailSchema.TimingCpu;
                Number(isCpu ? "cpuTime"u8 : "wallTime"u8, BitConverter.UInt64BitsToDouble(reader.Number));
            }
        }
    }

    private Invocation Shared(in EventFields happened, in TailItem item, in StructuredFields fields = default)
    {
        var given = new Invocation
        {
            Worker = Id(happened.Worker, "worker_name"),
            RequestId = Id(happened.RequestId, "request_id"),
            CorrelationId = Id(happened.CorrelationId, "correlation_id"),
            TimestampNanos = happened.TimeNanos,
            Resource = -1,
        };
        return _mapper.Invocations.Read(item, fields, given);
    }

    private void Plain(Row row)
    {
        tools.FlagTime(ref row.TimestampNanos);
        tools.Json.Limit = int.MaxValue;
        row.Context = tools.Context.End(tools.Context.Begin());
        batch.Add(row);
    }

    private void Text(ReadOnlySpan<byte> name, Slice text)
    {
        if (!text.IsEmpty)
        {
            _table.Add(new JsonValue(JsonTokenType.String, text), Name(name));
        }
    }

    private void Number(ReadOnlySpan<byte> name, ulong value)
    {
        var start = tools.Json.Length;
        tools.Json.Number(value);
        _table.Add(new JsonValue(JsonTokenType.Number, tools.Json.SliceSince(start)), Name(name));
    }

    // JSON has no number for infinity and the like: they are text.
    private void Number(ReadOnlySpan<byte> name, double value)
    {
        var start = tools.Json.Length;
        tools.Json.BareNumber(value);
        var kind = double.IsFinite(value) ? JsonTokenType.Number : JsonTokenType.String;
        _table.Add(new JsonValue(kind, tools.Json.SliceSince(start)), Name(name));
    }

    private JsonValue Name(ReadOnlySpan<byte> name) => new(JsonTokenType.String, tools.Built(name));

    private Slice Id(Slice text, string place) => tools.Text(text, MappingContext.MaxIdBytes, new Place(place));

    private WireReader Reader(Slice message) => new(batch.Body.Written, message);

    private static string Shown(double? milliseconds) => milliseconds?.ToString("0.###", CultureInfo.InvariantCulture) ?? "?";
}
