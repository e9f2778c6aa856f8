namespace Collector.Storage.Sqlite.TextIndex;

/// <summary>Neighbours in arrival.</summary>
/// <param name="First">Their first rowid.</param>
/// <param name="Last">Their last rowid.</param>
/// <param name="FirstTimestamp">Their smallest event time.</param>
/// <param name="LastTimestamp">Their largest event time.</param>
internal readonly record struct TextSpan(long First, long Last, ulong FirstTimestamp, ulong LastTimestamp)
{
    public long Rows => Last - First + 1;
}
