using System.Diagnostics.CodeAnalysis;
using Collector.Storage.Sqlite.Driver;
using Microsoft.Data.Sqlite;

namespace Collector.Storage.Sqlite.Segments;

/// <summary>Fills the hot indexes after a start, while the writer appends already.</summary>
internal sealed partial class HotIndexRebuild(Catalog catalog, Damages damages, ILogger log, TimeProvider clock)
{
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
                Rebuild(segment, feed);
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

    // Rented like a question's, so that the file stays until it is read. Where retention was first, nothing is missing.
    private void Rebuild(Segment segment, HotIndexWriter feed)
    {
        if (feed.TryGoLive(out _) || !TryRent(segment, out var reader))
        {
            return;
        }

        try
        {
            if (HotIndexFill.Run(reader.Connection, segment, feed, () => _isStopping) is { } failure)
            {
                damages.Found(segment, failure);
            }
        }
        catch (SqliteException e) when (SqliteErrors.IsUnreadable(e.SqliteExtendedErrorCode))
        {
            damages.Found(segment, e);
        }
        finally
        {
            segment.Readers.Discard(reader);
        }
    }

    private bool TryRent(Segment segment, [NotNullWhen(true)] out SegmentReader? reader)
    {
        reader = null;
        try
        {
            return segment.Readers.TryRent(out reader);
        }
        catch (SqliteException e) when (SqliteErrors.IsUnreadable(e.SqliteExtendedErrorCode))
        {
            damages.Found(segment, e);
            return false;
        }
    }

    [LoggerMessage(LogLevel.Information, "The hot index is rebuilt: {Rows} rows in {Seconds:F2} s.")]
    private static partial void LogRebuilt(ILogger log, long rows, double seconds);

    [LoggerMessage(LogLevel.Error, "The hot index could not be rebuilt: queries fail until a restart.")]
    private static partial void LogFailed(ILogger log, Exception error);
}
