namespace Collector.Model;

/// <summary>A request of the spool, without its payload.</summary>
/// <param name="Position">Rises with arrival; set when it is added.</param>
/// <param name="Key">By which a repeat is recognised; null where it can't be.</param>
/// <param name="ReceivedNanos">Time of arrival, nanoseconds since 1970; of a lost one about that.</param>
/// <param name="Producers">Its rows by worker.</param>
/// <param name="Stream">Which events of a stream these are; null where they are none.</param>
internal sealed record SpooledRequest(
    long Position, RequestKey? Key, ulong ReceivedNanos, IReadOnlyList<(string Worker, int Rows)> Producers, StreamPart? Stream);
