using System.Text.Json;
using Collector.Model;
using Collector.Receive.Otlp;
using Collector.Receive.Request;
using Collector.Receive.Rows;

namespace Collector.Receive.Tail;

/// <summary>
/// Turns a JSON array of TraceItems into rows. Safe for threads: what a request needs is made for that request, and only
/// the id sequence is shared. Does not throw, whatever the bytes.
/// </summary>
internal sealed class TailDecoder(MappingRules rules, LogIdSequence ids)
{
    private const string Expected = "a JSON array of trace items is expected";

    /// <summary>Adds the rows of all items in <see cref="RowBatch.Body"/>; an item that is none costs only itself.
    /// </summary>
    /// <param name="batch">Holds the message.</param>
    /// <param name="allowance">Asked for the memory that mapping needs beside the batch's.</param>
    /// <param name="report">Told of each item.</param>
    public DecodeResult Decode(RowBatch batch, IByteAllowance allowance, TailReport report)
    {
        if (Check(batch.Body.Written, out var array) is { } fault)
        {
            return fault;
        }

        using var cast = new TailContext(batch, allowance, rules, ids);
        var mapper = new TailMapper(batch, cast);
        var index = 0;
        for (var walk = new JsonWalk(batch, array); walk.Next() && !cast.Refused; index++)
        {
            if (walk.Value.IsObject)
            {
                report.Accept();
                mapper.Map(walk.Value);
            }
            else
            {
                report.Reject(index, $"{walk.Value.KindName} instead of an object (a trace item)");
            }
        }

        return new DecodeResult(cast.Refused ? DecodeStatus.MemoryRefused : DecodeStatus.Ok);
    }

    // Once, so that nothing that comes after it can fail.
    private static DecodeResult? Check(ReadOnlySpan<byte> message, out JsonValue array)
    {
        array = default;
        var skipped = message.StartsWith(OtlpJson.ByteOrderMark) ? OtlpJson.ByteOrderMark.Length : 0;
        var json = message[skipped..];
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = JsonWalk.MaxDepth });
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            if (reader.TokenType != JsonTokenType.StartArray)
            {
                return Malformed(skipped + start, $"{Expected}, not {new JsonValue(reader.TokenType, default).KindName},");
            }

            reader.Skip();
            array = new JsonValue(JsonTokenType.StartArray, Slice.OfBody(skipped + start, (int)reader.BytesConsumed - start));
            // Anything behind the array is an error that only reading on brings up.
            reader.Read();
            return null;
        }
        catch (JsonException error)
        {
            // The reader has no other way to say that this is not JSON.
            return Malformed(skipped + OtlpJson.OffsetOf(json, error), "not valid JSON");
        }
    }

    private static DecodeResult Malformed(int offset, string message) =>
        new(DecodeStatus.Malformed, offset, $"{message} at offset {offset}");
}
