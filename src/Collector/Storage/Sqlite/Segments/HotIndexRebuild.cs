using Collector.Model;
using Collector.Storage.Sqlite.Driver;
using Microsoft.Data.Sqlite;

namespace Collector.Storage.Sqlite.Segments;

/// <summary>Fills the hot indexes after a start, while the writer appends already.</summary>
internal sealed partial class HotIndexRebuild(Catalog catalog, SegmentFactory factory, ILogger log, TimeProvider clock)
{
    // A read transaction each, so that a checkpoint is never held up for long.
    private const int RowsPerRead = 10_000;

    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isStopping;

    // Empty again when all is done: an index must not outlive its segment's sealing.
    private IReadOnlyList<(Segment Segment, HotIndexWriter Feed)> _segments = [];

    /// <summary>Completes when every index is whole; faults with the cause, or is cancelled by <see cref="Stop"/>.</summary>
    public Task Done => _done.Task;

    /// <summary>
    /// Takes the segments that are listed by now. Where they hold no row, all is done: a new store is ready at once, without
    /// waiting for a thread.
    /// </summary>
    public void Prepare()
    {
        _segments = [.. catalog.Segments.Where(static s => s.Feed is not null).Select(static s => (s, s.Feed!))];
        if (_segments.All(static s => s.Feed.TryGoLive(out _)))
        {
            _segments = [];
            _done.SetResult();
        }
    }

    /// <summary>Makes <see cref="Run"/> end soon.</summary>
    public void Stop() => _isStopping = true;

    /// <summary>Reads what is missing. Does not throw.</summary>
    public void Run()
    {
        if (_done.Task.IsCompleted)
        {
            return;
        }

        var started = clock.GetTimestamp();
        try
        {
            foreach (var (segment, feed) in _segments)
            {
                RebuildOrLeave(segment, feed);
            }

            LogRebuilt(log, _segments.Sum(static s => s.Feed.Index.Count), clock.GetElapsedTime(started).TotalSeconds);
            _done.TrySetResult();
        }
        catch (OperationCanceledException)
        {
            _done.TrySetCanceled();
        }
        catch (Exception e)
        {
            LogFailed(log, e);
            _done.TrySetException(e);
            // Queries get the cause. Where none asks, the failure is not unobserved: it stands in the log.
            _ = _done.Task.Exception;
        }
        finally
        {
            _segments = [];
        }
    }

    // The writer renames the hot file, which it has open, at the next append.
    private void RebuildOrLeave(Segment segment, HotIndexWriter feed)
    {
        try
        {
            Rebuild(segment, feed);
        }
        catch (SqliteException e) when (SqliteErrors.IsDamage(e.SqliteExtendedErrorCode))
        {
            segment.IsDamaged = true;
            catalog.Remove(segment);
            segment.Readers.Retire();
            if (segment == _segments[^1].Segment)
            {
                LogDamaged(log, segment.Path, e.Message);
            }
            else
            {
                factory.SetAside(segment.Name, e.Message);
            }
        }
    }

    private void Rebuild(Segment segment, HotIndexWriter feed)
    {
        // Rented like a question's, so that the file stays until it is read. Where retention was first, nothing is missing.
        if (feed.TryGoLive(out var committed) || !segment.Readers.TryRent(out var reader))
        {
            return;
        }

        try
        {
            ReadUntilLive(reader.Connection, segment, feed, committed);
        }
        finally
        {
            segment.Readers.Discard(reader);
        }
    }

    private void ReadUntilLive(SqliteConnection connection, Segment segment, HotIndexWriter feed, long committed)
    {
        using var rows = connection.Prepare(Sql.Get("hot_index_rows"));
        do
        {
            while (feed.Index.Count < committed)
            {
                var last = Math.Min(feed.Index.Count + RowsPerRead, committed);
                Read(connection, rows, segment, feed, last);
            }
        }
        while (!feed.TryGoLive(out committed));
    }

    private void Read(SqliteConnection connection, SqliteStatement rows, Segment segment, HotIndexWriter feed, long last)
    {
        var index = feed.Index;
        if (_isStopping)
        {
            throw new OperationCanceledException();
        }

        var next = index.Count + 1;
        rows.Bind(1, index.Count);
        rows.Bind(2, last);
        using var adding = feed.Rollup.Enter();
        while (rows.Read())
        {
            next = FillGap(index, next, rows.Integer(0));
            var trace = TraceIds.TryParse(rows.Text(5), out var id) ? id : UInt128.Zero;
            var nanos = Timestamps.FromColumn(rows.Text(1));
            var (level, kind) = (Names.LevelOf(rows.Text(2)), Names.KindOf(rows.Text(7)));
            index.Add(nanos, level, kind, rows.Text(3), rows.Text(4), trace);
            feed.Rollup.Add(nanos, rows.Text(3), kind, level,
                rows.IsNull(8) ? null : rows.Integer(8), rows.IsNull(9) ? null : rows.Real(9));
            NoteArrival(segment, rows.Text(6));
            next++;
        }

        rows.Reset();
        FillGap(index, next, last + 1);
        index.Publish();
    }

    // The file's last row may be an old one, back from the spool.
    private static void NoteArrival(Segment segment, ReadOnlySpan<byte> createdAt)
    {
        if (Timestamps.FromColumn(createdAt) is > 0 and var nanos)
        {
            segment.Arrived(nanos, nanos);
        }
    }

    // We never delete single rows, but the file opens with any tool. A place that no row answers for keeps the rest
    // where they belong.
    private static long FillGap(HotIndex index, long next, long until)
    {
        for (; next < until; next++)
        {
            index.Add(0, Level.Debug, Kind.Log, default, default, UInt128.Zero);
        }

        return next;
    }

    [LoggerMessage(LogLevel.Information, "The hot index is rebuilt: {Rows} rows in {Seconds:F2} s.")]
    private static partial void LogRebuilt(ILogger log, long rows, double seconds);

    [LoggerMessage(LogLevel.Error, "{Path} is damaged; the next append begins another segment: {Error}")]
    private static partial void LogDamaged(ILogger log, string path, string error);

    [LoggerMessage(LogLevel.Error, "The hot index could not be rebuilt: queries fail until a restart.")]
    private static partial void LogFailed(ILogger log, Exception error);
}
