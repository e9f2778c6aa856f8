using Collector.Model;
using Collector.Protobuf;
using Collector.Receive.Request;
using Collector.Receive.Rows;

namespace Collector.Receive.Otlp;

/// <summary>
/// Turns an OTLP export request into rows. Safe for threads: what a request needs is made for that request, and only
/// the id sequence is shared. Does not throw, whatever the bytes.
/// </summary>
internal sealed class OtlpDecoder(MappingRules rules, LogIdSequence ids)
{
    // Contexts take about the room of the records; asked for at once, they spare small requests the steps of growing.
    private const int MaxFirstRoom = 64 * 1024;

    /// <summary>
    /// Adds all rows and resources of the protobuf request in <see cref="RowBatch.Body"/> to the batch. The body may be
    /// rewritten on the way: whoever needs its bytes as they came, reads them before.
    /// </summary>
    public DecodeResult Decode(OtlpSignal signal, RowBatch batch)
    {
        var type = OtlpSchema.RequestOf(signal);
        if (WireCheck.Find(batch.Body.Written, type, out var needsMerge) is { } fault)
        {
            return new DecodeResult(DecodeStatus.Malformed, fault.Offset, fault.Message);
        }

        if (needsMerge)
        {
            Merge(type, batch);
        }

        if (!IsRefused(batch) && batch.Body.Length > 0)
        {
            _ = batch.Built.GetSpan(Math.Min(batch.Body.Length, MaxFirstRoom));
            using var tools = new MappingContext(batch, rules, ids);
            new RequestMapper(batch, signal, rules, tools).Map();
        }

        return new DecodeResult(IsRefused(batch) ? DecodeStatus.MemoryRefused : DecodeStatus.Ok);
    }

    private static void Merge(MessageType type, RowBatch batch)
    {
        new WireMerge(batch.Body.Written, batch.Built).Rewrite(type);
        if (batch.Refused)
        {
            return;
        }

        batch.Body.Truncate(0);
        batch.Body.Append(batch.Built.Written);
        batch.Built.Truncate(0);
    }

    private static bool IsRefused(RowBatch batch) => batch.Refused || batch.Body.Refused;
}
