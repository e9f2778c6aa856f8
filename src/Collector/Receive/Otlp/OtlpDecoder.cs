using Collector.Model;
using Collector.Protobuf;
using Collector.Receive.Request;
using Collector.Receive.Rows;

namespace Collector.Receive.Otlp;

/// <summary>
/// Turns an OTLP export request into rows. Safe for threads: it makes what a request needs for that request, and shares only
/// the id sequence. It does not throw, whatever the bytes.
/// </summary>
internal sealed class OtlpDecoder(MappingRules rules, LogIdSequence ids) : IRowPiecesFactory
{
    /// <summary>A message beyond this is decoded in pieces at once; a smaller one where its rows don't fit.</summary>
    public const int MostAtOnce = 8 << 20;

    // Contexts take about the room of the records; asked for at once, they spare small requests the steps of growing.
    private const int MaxFirstRoom = 64 * 1024;

    /// <summary>Adds all rows and resources of the protobuf request in <see cref="RowBatch.Body"/> to the batch.</summary>
    /// <param name="signal">Which request it is.</param>
    /// <param name="batch">Holds the body.</param>
    /// <param name="transcoded">How the body was made of JSON; null where it came as protobuf.</param>
    public DecodeResult Decode(OtlpSignal signal, RowBatch batch, TranscodeResult? transcoded = null)
    {
        if (Check(signal, batch, transcoded) is { } malformed)
        {
            return malformed;
        }

        if (!IsRefused(batch) && batch.Body.Length > 0)
        {
            _ = batch.Built.GetSpan(Math.Min(batch.Body.Length, MaxFirstRoom));
            using var tools = new OtlpContext(batch, rules, ids, transcoded?.Notes);
            using var groups = new ScopeGroups();
            new RequestMapper(batch, signal, rules, tools, groups).Map(new RequestPlace(Slice.OfBody(0, batch.Body.Length)));
            groups.Identify(signal, batch);
            if (tools.Refused)
            {
                return new DecodeResult(DecodeStatus.MemoryRefused);
            }
        }

        return new DecodeResult(IsRefused(batch) ? DecodeStatus.MemoryRefused : DecodeStatus.Ok);
    }

    /// <summary>
    /// The same for a large message: it is decoded once to know what it holds, and again by whoever stores it. So its rows are
    /// never all in memory.
    /// </summary>
    /// <inheritdoc cref="Decode"/>
    public DecodeResult DecodeInPieces(OtlpSignal signal, RowBatch batch, TranscodeResult? transcoded = null)
    {
        if (Check(signal, batch, transcoded) is { } malformed)
        {
            return malformed;
        }

        // It gives an id to each record at most, and a record takes two bytes.
        var pieces = new OtlpPieces(signal, rules, ids.Reserve(batch.Body.Length, batch.ReceivedNanos), transcoded?.Notes);
        using var groups = new ScopeGroups();
        batch.BeginPieces();
        foreach (var piece in pieces.Read(batch, groups))
        {
            batch.AddPiece(piece);
            if (IsRefused(batch))
            {
                return new DecodeResult(DecodeStatus.MemoryRefused);
            }
        }

        groups.Identify(signal, batch);
        batch.EndPieces(pieces);
        return new DecodeResult(IsRefused(batch) ? DecodeStatus.MemoryRefused : DecodeStatus.Ok);
    }

    public IRowPieces? Create(byte kind, LogId firstNewId) =>
        kind <= (byte)OtlpSignal.Traces ? new OtlpPieces((OtlpSignal)kind, rules, firstNewId, notes: null) : null;

    // A name of a JSON object may stand twice.
    private static DecodeResult? Check(OtlpSignal signal, RowBatch batch, TranscodeResult? transcoded) =>
        WireCheck.Find(batch.Body.Written, OtlpSchema.Messages, OtlpSchema.RequestOf(signal), mayRepeat: transcoded is not null) is { } fault
            ? new DecodeResult(DecodeStatus.Malformed, fault.Offset, fault.Message)
            : null;

    private static bool IsRefused(RowBatch batch) => batch.Refused || batch.Body.Refused;
}
