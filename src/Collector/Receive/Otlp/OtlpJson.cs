using System.Text.Json;
using Collector.Model;
using Collector.Receive.Request;
using Collector.Receive.Rows;

namespace Collector.Receive.Otlp;

/// <summary>How transcoding ended.</summary>
/// <param name="Status">How it ended; unless it is Ok, the target holds nothing of use.</param>
/// <param name="Offset">Where in the JSON it went wrong; 0 unless malformed.</param>
/// <param name="Message">English; null unless malformed.</param>
/// <param name="Warning">Something that the producer's developer should know though all went well, or null.</param>
/// <param name="Notes">What the rows are to say, by the offset of the message of the target that it is about; null: nothing.
/// </param>
/// <param name="Unknown">A member that may have held records and is not known; null where there is none.</param>
internal readonly record struct TranscodeResult(
    DecodeStatus Status, int Offset = 0, string? Message = null, string? Warning = null, ILookup<int, string>? Notes = null,
    string? Unknown = null);

/// <summary>Turns OTLP/JSON into OTLP's wire format, so that one decoder maps both.</summary>
internal static class OtlpJson
{
    /// <summary>
    /// Appends the request to <paramref name="target"/> as protobuf. A value of a wrong type is kept as text, with a
    /// note for its row; only what is not an OTLP request at all is malformed. It does not throw.
    /// </summary>
    public static TranscodeResult Transcode(OtlpSignal signal, ReadOnlySpan<byte> json, ByteBuffer target)
    {
        var skipped = JsonTable.ByteOrderMarkOf(json);
        json = json[skipped..];
        if (json.IndexOfAnyExcept(" \t\r\n"u8) < 0)
        {
            return new TranscodeResult(DecodeStatus.Ok);
        }

        var transcoder = new JsonTranscoder(json, target);
        try
        {
            transcoder.Run(signal);
        }
        catch (JsonException error)
        {
            // The reader has no other way to say that this is not JSON.
            var offset = skipped + JsonTable.OffsetOf(json, error);
            return new TranscodeResult(DecodeStatus.Malformed, offset, $"not valid JSON at offset {offset}");
        }

        if (transcoder.Fault is { } fault)
        {
            var offset = skipped + fault.Offset;
            return new TranscodeResult(DecodeStatus.Malformed, offset, $"{fault.Message} at offset {offset}");
        }

        var status = target.Refused ? DecodeStatus.MemoryRefused : DecodeStatus.Ok;
        return new TranscodeResult(status, Warning: transcoder.Warning, Notes: transcoder.Notes, Unknown: transcoder.Unknown);
    }
}
