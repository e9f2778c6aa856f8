using Collector.Diagnostics;
using Collector.Model;
using Collector.Pipeline.Queue;

namespace Collector.Receive.Request;

/// <summary>What <see cref="RequestHandler"/> must know of a protocol: how a message becomes rows.</summary>
internal interface IRequestDecoder
{
    RequestSignal Signal { get; }

    /// <summary>
    /// Tells protocols apart whose messages may be the same bytes; the key of a request is made of both. Null where a
    /// repeat is recognised otherwise.
    /// </summary>
    byte[]? KeyPrefix { get; }

    /// <summary>Whether the producer waits until its rows are on disk; null: as Ingest:Acknowledge says.</summary>
    bool? AwaitsStored => null;

    /// <summary>Adds the rows of the message in <see cref="RowBatch.Body"/>, which it may rewrite.</summary>
    /// <param name="batch">Stays the caller's: it keeps the batch where the result is Ok and there are rows.</param>
    /// <param name="lease">Asked for the memory that decoding needs beside the batch's.</param>
    DecodeResult Decode(RowBatch batch, ByteLease lease);
}
