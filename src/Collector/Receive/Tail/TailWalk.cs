using System.Text.Json;
using Collector.Model;
using Collector.Receive.Request;
using Collector.Receive.Rows;

namespace Collector.Receive.Tail;

/// <summary>
/// Walks a message of items, and remembers how far it is: where a batch is full it stops, and goes on with another. It reads the
/// message once, so that one that turns out not to be JSON is malformed, and the rows before that are of no use.
/// </summary>
/// <param name="message">Without its byte order mark.</param>
internal sealed class TailWalk(Slice message)
{
    private const string Expected = "a JSON array of trace items is expected";

    private JsonReaderState _state = new(JsonTable.LinesOptions);
    private int _read;
    private int _index;
    private bool _isInArray;
    private bool _isEmpty = true;

    /// <summary>Maps item after item. Null: the batch is full, and there is more.</summary>
    /// <param name="batch">Takes the rows.</param>
    /// <param name="mapper">The batch's.</param>
    /// <param name="tools">The batch's.</param>
    /// <param name="report">Told of each item.</param>
    public DecodeResult? Map(RowBatch batch, TailMapper mapper, TailContext tools, TailReport report)
    {
        var text = Slice.OfBody(message.Offset + _read, message.Length - _read);
        var reader = new Utf8JsonReader(batch.Text(text), isFinalBlock: true, _state);
        try
        {
            while (reader.Read())
            {
                _isEmpty = false;
                var (start, kind) = ((int)reader.TokenStartIndex, reader.TokenType);
                if (!TryMap(ref reader, text, mapper, tools, report))
                {
                    return Malformed(text.Offset + start, $"{Expected}, not {JsonValue.NameOf(kind)},");
                }

                if (tools.Refused)
                {
                    return new DecodeResult(DecodeStatus.MemoryRefused);
                }

                if (batch.IsFull)
                {
                    (_state, _read) = (reader.CurrentState, _read + (int)reader.BytesConsumed);
                    return null;
                }
            }

            return _isEmpty ? Malformed(message.Offset, "not valid JSON") : new DecodeResult(DecodeStatus.Ok);
        }
        catch (JsonException error)
        {
            // The reader has no other way to say that this is not JSON.
            return Malformed(message.Offset + JsonTable.OffsetOf(batch.Text(message), error), "not valid JSON");
        }
    }

    // At a token between two items: an array of them, or an item by itself, as wrangler tail writes them, a line each.
    private bool TryMap(ref Utf8JsonReader reader, Slice text, TailMapper mapper, TailContext tools, TailReport report)
    {
        if (_isInArray)
        {
            MapElement(ref reader, text, mapper, tools, report);
            return true;
        }

        if (reader.TokenType == JsonTokenType.StartArray)
        {
            (_isInArray, _index) = (true, 0);
            return true;
        }

        return reader.TokenType == JsonTokenType.StartObject && TryLine(ref reader, text, mapper, tools, report);
    }

    private void MapElement(ref Utf8JsonReader reader, Slice text, TailMapper mapper, TailContext tools, TailReport report)
    {
        if (reader.TokenType == JsonTokenType.EndArray)
        {
            _isInArray = false;
            return;
        }

        tools.Table.Clear();
        var item = tools.Table.Read(ref reader, text);
        if (item.IsObject)
        {
            report.Accept();
            mapper.Map(item);
        }
        else if (!tools.Refused)
        {
            report.Reject(_index, $"{item.KindName} instead of an object (a trace item)");
        }

        _index++;
    }

    // What has no member of an item is another protocol's.
    private static bool TryLine(ref Utf8JsonReader reader, Slice text, TailMapper mapper, TailContext tools, TailReport report)
    {
        tools.Table.Clear();
        var item = tools.Table.Read(ref reader, text);
        if (!TailItem.Read(tools.Table, item).IsAny)
        {
            return tools.Refused;
        }

        report.Accept();
        mapper.Map(item);
        return true;
    }

    private static DecodeResult Malformed(int offset, string message) =>
        new(DecodeStatus.Malformed, offset, $"{message} at offset {offset}");
}
