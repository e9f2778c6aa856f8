namespace Collector.Storage.Sqlite;

/// <summary>What a watermark over all segments means in each.</summary>
internal static class Watermarks
{
    /// <summary>The last rowid of a segment that is not beyond the watermark; zero where none is.</summary>
    public static long RowsOf(this Arrival watermark, Segment segment)
    {
        var number = segment.Name.Number;
        return number > watermark.Segment ? 0
            : number < watermark.Segment ? segment.Index.Count
            : Math.Min(watermark.Row, segment.Index.Count);
    }
}
