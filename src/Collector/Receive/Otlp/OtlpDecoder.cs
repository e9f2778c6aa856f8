using Collector.Model;
using Collector.Protobuf;
using Collector.Receive.Request;
using Collector.Receive.Rows;

namespace Collector.Receive.Otlp;

/// <summary>
/// Turns an OTLP export request into rows. Safe for threads: it makes what a request needs for that request, and shares only
/// the id sequence. It does not throw, whatever the bytes.
/// </summary>
internal sealed class OtlpDecoder(MappingRules rules, LogIdSequence ids)
{
    // Contexts take about the room of the records; asked for at once, they spare small requests the steps of growing.
    private const int MaxFirstRoom = 64 * 1024;

    /// <summary>Adds all rows and resources of the protobuf request in <see cref="RowBatch.Body"/> to the batch.</summary>
    /// <param name="signal">Which request it is.</param>
    /// <param name="batch">Holds the body.</param>
    /// <param name="transcoded">How the body was made of JSON; null where it came as protobuf.</param>
    public DecodeResult Decode(OtlpSignal signal, RowBatch batch, TranscodeResult? transcoded = null)
    {
        // A name of a JSON object may stand twice.
        var mayRepeat = transcoded is not null;
        if (WireCheck.Find(batch.Body.Written, OtlpSchema.Messages, OtlpSchema.RequestOf(signal), mayRepeat) is { } fault)
        {
            return new DecodeResult(DecodeStatus.Malformed, fault.Offset, fault.Message);
        }

        if (!IsRefused(batch) && batch.Body.Length > 0)
        {
            _ = batch.Built.GetSpan(Math.Min(batch.Body.Length, MaxFirstRoom));
            using var tools = new OtlpContext(batch, rules, ids, transcoded?.Notes);
            using var groups = new ScopeGroups();
            new RequestMapper(batch, signal, rules, tools, groups).Map();
            groups.Identify(signal, batch);
            if (tools.Refused)
            {
                return new DecodeResult(DecodeStatus.MemoryRefused);
            }
        }

        return new DecodeResult(IsRefused(batch) ? DecodeStatus.MemoryRefused : DecodeStatus.Ok);
    }

    private static bool IsRefused(RowBatch batch) => batch.Refused || batch.Body.Refused;
}
