namespace Collector.Storage.Sqlite.Segments;

/// <summary>What a sealed segment holds, so that queries skip it; it never changes again.</summary>
/// <param name="Rows">How many.</param>
/// <param name="LastRow">The last rowid: more than there are rows where some of a damaged file were lost.</param>
/// <param name="FirstTimestamp">Smallest event time, nanoseconds since 1970.</param>
/// <param name="LastTimestamp">Largest event time.</param>
/// <param name="FirstId">Smallest log id, as text; empty where there is no row.</param>
/// <param name="LastId">Largest log id.</param>
/// <param name="HasGaps">There are markers of losses.</param>
internal sealed record SealedContents(
    long Rows, long LastRow, ulong FirstTimestamp, ulong LastTimestamp, string FirstId, string LastId, bool HasGaps)
{
    public bool MayContain(string logId) =>
        string.CompareOrdinal(logId, FirstId) >= 0 && string.CompareOrdinal(logId, LastId) <= 0;
}
