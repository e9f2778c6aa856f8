using Collector.Model;
using Collector.Storage.Sqlite.Driver;
using Collector.Storage.Sqlite.Rollup;
using Collector.Storage.Sqlite.Segments;
using Microsoft.Data.Sqlite;

namespace Collector.Storage.Sqlite.Search;

/// <summary>
/// Where a sealed segment has rows of a kind. No index knows kinds, so a rare one would be looked for among all rows; the
/// figures by the minute tell which minutes need no look.
/// </summary>
internal static class KindMinutes
{
    /// <summary>Ranges of time (their end exclusive) outside of which no row matches, in the order of the answer.</summary>
    /// <exception cref="SqliteException">The figures can't be read.</exception>
    public static IEnumerable<(ulong From, ulong To)> Ranges(SegmentReader reader, PageScope scope)
    {
        var hasId = scope.Correlation is not null || scope.Trace is not null || scope.Request is not null;
        return scope.Query.Kind is { } kind && !hasId && RollupTable.HasAny(reader.Connection)
            ? Minutes(reader, scope, kind)
            : [scope.Range];
    }

    private static IEnumerable<(ulong From, ulong To)> Minutes(SegmentReader reader, PageScope scope, Kind kind)
    {
        const ulong Minute = HotRollup.SecondsPerMinute * HotRollup.NanosPerSecond;
        var (from, to) = scope.Range;
        var minutes = reader.Prepared(scope.Query.Descending ? "kind_minutes_newest" : "kind_minutes_oldest");
        try
        {
            Bind(minutes, scope, kind);
            while (minutes.Read())
            {
                var begin = (ulong)minutes.Integer(0) * HotRollup.NanosPerSecond;
                // A file may hold times up to the last there is.
                var end = begin > ulong.MaxValue - Minute ? ulong.MaxValue : begin + Minute;
                yield return (Math.Max(from, begin), Math.Min(to, end));
            }
        }
        finally
        {
            minutes.Reset();
        }
    }

    private static void Bind(SqliteStatement minutes, PageScope scope, Kind kind)
    {
        var (from, to) = scope.Range;
        minutes.Bind(1, (long)(from / HotRollup.NanosPerSecond) - HotRollup.SecondsPerMinute);
        minutes.Bind(2, (long)(to / HotRollup.NanosPerSecond) + 1);
        minutes.Bind(3, Names.Utf8(kind));
        minutes.BindOrNull(4, scope.Worker);
        for (var level = Level.Debug; level < Level.Error; level++)
        {
            minutes.Bind(5 + (int)level, level >= scope.Query.MinLevel ? 1 : 0);
        }
    }
}
