using System.Text.Json;
using Collector.Model;
using Collector.Protobuf;
using Collector.Receive.Rows;
using Collector.Receive.Tail;

namespace Collector.Receive.TailStream;

/// <summary>
/// Writes what happened as the part of a trace item that tells of the same, so that one mapper reads both. Broken text
/// stays broken: the mapper repairs it and says so.
/// </summary>
internal sealed class TailEventJson(RowBatch batch, MappingContext tools)
{
    // After so many texts that looked like JSON and were none, a request's texts are texts: each costs an exception.
    private const int MaxFailures = 1000;

    // An argument is walked in the array of arguments of an entry of the array of entries.
    private const int LevelsAbove = 3;

    private readonly JsonText _json = tools.Json;
    private int _failures;

    /// <summary>An array of the one entry of <c>logs</c>, and the object that came beside its arguments.</summary>
    public JsonValue Log(Slice log, out JsonValue context)
    {
        Slice level = default, beside = default;
        for (var reader = Reader(log); reader.Next();)
        {
            level = reader.Field == TailSchema.LogLevel ? reader.Payload : level;
            beside = reader.Field == TailSchema.LogContext ? reader.Payload : beside;
        }

        var start = _json.Length;
        _json.Raw("[{"u8);
        Text("\"level\":"u8, level);
        _json.Name("\"message\":["u8);
        for (var reader = Reader(log); reader.Next();)
        {
            if (reader.Field == TailSchema.LogArguments)
            {
                _json.Comma();
                Argument(reader.Payload);
            }
        }

        _json.Raw("]"u8);
        context = Context(beside);
        if (!context.IsObject)
        {
            Text("\"context\":"u8, beside);
        }

        _json.Raw("}]"u8);
        return new JsonValue(JsonTokenType.StartArray, _json.SliceSince(start));
    }

    /// <summary>An entry of <c>exceptions</c>.</summary>
    public JsonValue Exception(Slice exception)
    {
        var start = _json.Length;
        _json.Raw((byte)'{');
        for (var reader = Reader(exception); reader.Next();)
        {
            switch (reader.Field)
            {
                case TailSchema.ExceptionType: Text("\"name\":"u8, reader.Payload); break;
                case TailSchema.ExceptionMessage: Text("\"message\":"u8, reader.Payload); break;
                case TailSchema.ExceptionStack: Text("\"stack\":"u8, reader.Payload); break;
            }
        }

        return Object(start);
    }

    /// <summary>An item of a fetch event, without lines and exceptions.</summary>
    public JsonValue Request(Slice request)
    {
        Slice outcome = default, timing = default;
        var status = 0UL;
        var start = _json.Length;
        _json.Raw("{\"event\":{\"request\":{"u8);
        for (var reader = Reader(request); reader.Next();)
        {
            switch (reader.Field)
            {
                case TailSchema.RequestMethod: Text("\"method\":"u8, reader.Payload); break;
                case TailSchema.RequestUrl: Text("\"url\":"u8, reader.Payload); break;
                case TailSchema.RequestStatus: status = reader.Number; break;
                case TailSchema.RequestOutcome: outcome = reader.Payload; break;
                case TailSchema.RequestTiming: timing = reader.Payload; break;
            }
        }

        Headers(request);
        _json.Raw((byte)'}');
        if (status != 0)
        {
            _json.Raw(",\"response\":{\"status\":"u8);
            _json.Number(status);
            _json.Raw((byte)'}');
        }

        _json.Raw((byte)'}');
        Text("\"outcome\":"u8, outcome);
        Times(timing);
        return Object(start);
    }

    /// <summary>The item's members of what it took.</summary>
    public JsonValue Timing(Slice timing)
    {
        var start = _json.Length;
        _json.Raw((byte)'{');
        Times(timing);
        return Object(start);
    }

    private void Times(Slice timing)
    {
        for (var reader = Reader(timing); reader.Next();)
        {
            if (reader.Field is TailSchema.TimingCpu or TailSchema.TimingWall)
            {
                _json.Name(reader.Field == TailSchema.TimingCpu ? "\"cpuTime\":"u8 : "\"wallTime\":"u8);
                _json.Number(BitConverter.UInt64BitsToDouble(reader.Number));
            }
        }
    }

    private void Headers(Slice request)
    {
        var isFirst = true;
        for (var reader = Reader(request); reader.Next();)
        {
            if (reader.Field == TailSchema.RequestHeaders)
            {
                if (isFirst)
                {
                    _json.Name("\"headers\":{"u8);
                    isFirst = false;
                }

                Header(reader.Payload);
            }
        }

        _json.Raw(isFirst ? default : "}"u8);
    }

    private void Header(Slice entry)
    {
        Slice name = default, value = default;
        for (var reader = Reader(entry); reader.Next();)
        {
            name = reader.Field == TailSchema.HeaderName ? reader.Payload : name;
            value = reader.Field == TailSchema.HeaderValue ? reader.Payload : value;
        }

        _json.Comma();
        _json.AsIs(batch.Text(name));
        _json.Raw((byte)':');
        _json.AsIs(batch.Text(value));
    }

    private void Argument(Slice text)
    {
        var bytes = batch.Text(text);
        if (IsJson(bytes))
        {
            _json.Raw(bytes);
        }
        else
        {
            _json.AsIs(bytes);
        }
    }

    private JsonValue Context(Slice text)
    {
        var bytes = batch.Text(text);
        if (bytes.IsEmpty || (bytes[0] == (byte)'{' && IsJson(bytes)))
        {
            return bytes.IsEmpty ? default : new JsonValue(JsonTokenType.StartObject, text);
        }

        tools.Notes.Add("context", "no JSON object, kept as text");
        return default;
    }

    private void Text(ReadOnlySpan<byte> quotedName, Slice text)
    {
        if (!text.IsEmpty)
        {
            _json.Name(quotedName);
            _json.AsIs(batch.Text(text));
        }
    }

    // Most texts are turned away by how they begin: to find out that a text is no JSON costs an exception.
    private bool IsJson(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty || !"\"{[-0123456789tfn"u8.Contains(text[0]) || _failures > MaxFailures)
        {
            return false;
        }

        var reader = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = JsonWalk.MaxDepth - LevelsAbove });
        try
        {
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            _failures++;
            return false;
        }
    }

    private WireReader Reader(Slice message) => new(batch.Body.Written, message);

    private JsonValue Object(int start)
    {
        _json.Raw((byte)'}');
        return new JsonValue(JsonTokenType.StartObject, _json.SliceSince(start));
    }
}
