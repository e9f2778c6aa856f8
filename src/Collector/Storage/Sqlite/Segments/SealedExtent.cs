namespace Collector.Storage.Sqlite.Segments;

/// <summary>How far a sealed segment reaches.</summary>
/// <param name="Rows">Also the last rowid.</param>
/// <param name="FirstTimestamp">Smallest event time, nanoseconds since 1970.</param>
/// <param name="LastTimestamp">Largest event time.</param>
internal sealed record SealedExtent(long Rows, ulong FirstTimestamp, ulong LastTimestamp);

/// <summary>What a sealed segment can be skipped by; it never changes again.</summary>
/// <param name="FirstId">Smallest log id, as text; empty where there is no row.</param>
/// <param name="LastId">Largest log id.</param>
/// <param name="HasGaps">There are markers of losses.</param>
internal sealed record SealedContents(string FirstId, string LastId, bool HasGaps)
{
    public bool MayContain(string logId) =>
        string.CompareOrdinal(logId, FirstId) >= 0 && string.CompareOrdinal(logId, LastId) <= 0;
}
