using Collector.Diagnostics;
using Collector.Model;
using Collector.Pipeline.Queue;

namespace Collector.Receive.Request;

/// <summary>What <see cref="RequestHandler"/> must know of a protocol: how a message becomes rows.</summary>
internal interface IRequestDecoder
{
    RequestSignal Signal { get; }

    /// <summary>Whether the producer waits until its rows are on disk; null: as Ingest:Acknowledge says.</summary>
    bool? AwaitsStored => null;

    /// <summary>
    /// Adds the rows of the message in <see cref="RowBatch.Body"/>, which it may replace, and sets their
    /// <see cref="RowBatch.Key"/> unless a repeat is recognised otherwise.
    /// </summary>
    /// <param name="batch">Stays the caller's: it keeps the batch where the result is Ok and there are rows.</param>
    /// <param name="lease">Asked for the memory that decoding needs beside the batch's.</param>
    DecodeResult Decode(RowBatch batch, ByteLease lease);
}
