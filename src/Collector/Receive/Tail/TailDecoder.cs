using System.Text.Json;
using Collector.Model;
using Collector.Receive.Request;
using Collector.Receive.Rows;

namespace Collector.Receive.Tail;

/// <summary>
/// Turns JSON arrays of TraceItems, or items a line each, into rows. Safe for threads: it makes what a request needs for that request, and shares
/// only the id sequence. It does not throw, whatever the bytes.
/// </summary>
internal sealed class TailDecoder(MappingRules rules, LogIdSequence ids)
{
    private const string Expected = "a JSON array of trace items is expected";

    /// <summary>
    /// Adds the rows of all items in <see cref="RowBatch.Body"/>; what is not an item costs only itself. It reads the message
    /// once, item by item: a message that turns out not to be JSON is malformed, and the rows before that are of no use.
    /// </summary>
    /// <param name="batch">Holds the message.</param>
    /// <param name="allowance">Asked for the memory that mapping needs beside the batch's.</param>
    /// <param name="report">Told of each item.</param>
    public DecodeResult Decode(RowBatch batch, IByteAllowance allowance, TailReport report)
    {
        using var tools = new TailContext(batch, allowance, rules, ids);
        var message = batch.Body.Written;
        var skipped = JsonTable.ByteOrderMarkOf(message);
        var reader = new Utf8JsonReader(message[skipped..], JsonTable.LinesOptions);
        try
        {
            var text = Slice.OfBody(skipped, message.Length - skipped);
            var mapper = new TailMapper(batch, rules, tools);
            var isEmpty = true;
            while (reader.Read())
            {
                isEmpty = false;
                var (start, kind) = ((int)reader.TokenStartIndex, reader.TokenType);
                if (kind == JsonTokenType.StartArray)
                {
                    Items(ref reader, text, mapper, tools, report);
                }
                else if (kind != JsonTokenType.StartObject || !TryItem(ref reader, text, mapper, tools, report))
                {
                    return Malformed(skipped + start, $"{Expected}, not {JsonValue.NameOf(kind)},");
                }

                if (tools.Refused)
                {
                    return new DecodeResult(DecodeStatus.MemoryRefused);
                }
            }

            return isEmpty ? Malformed(skipped, "not valid JSON") : new DecodeResult(DecodeStatus.Ok);
        }
        catch (JsonException error)
        {
            // The reader has no other way to say that this is not JSON.
            return Malformed(skipped + JsonTable.OffsetOf(message[skipped..], error), "not valid JSON");
        }
    }

    // An item by itself, as wrangler tail writes them, a line each. What has no member of one is another protocol's.
    private static bool TryItem(ref Utf8JsonReader reader, Slice text, TailMapper mapper, TailContext tools, TailReport report)
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

    private static void Items(
        ref Utf8JsonReader reader, Slice text, TailMapper mapper, TailContext tools, TailReport report)
    {
        for (var index = 0; !tools.Refused && reader.Read() && reader.TokenType != JsonTokenType.EndArray; index++)
        {
            tools.Table.Clear();
            var item = tools.Table.Read(ref reader, text);
            if (item.IsObject)
            {
                report.Accept();
                mapper.Map(item);
            }
            else if (!tools.Refused)
            {
                report.Reject(index, $"{item.KindName} instead of an object (a trace item)");
            }
        }
    }

    private static DecodeResult Malformed(int offset, string message) =>
        new(DecodeStatus.Malformed, offset, $"{message} at offset {offset}");
}
