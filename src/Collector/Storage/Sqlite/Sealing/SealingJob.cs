using System.Diagnostics;
using Collector.Model;
using Collector.Storage.Sqlite.Driver;
using Collector.Storage.Sqlite.Rollup;
using Collector.Storage.Sqlite.Segments;
using Collector.Storage.Sqlite.TextIndex;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Collector.Storage.Sqlite.Sealing;

/// <summary>One segment on its way to be sealed; may be begun again after any failure.</summary>
internal sealed partial class SealingJob(Segment segment, SqliteConnection? connection, SqliteStoreOptions options, ILogger log) : IDisposable
{
    private const int BusyMilliseconds = 2_000;

    // Between an interruption and the connection's end.
    private readonly Lock _gate = new();
    private SqliteConnection? _connection = connection;

    public Segment Segment => segment;

    /// <summary>False where queries read the file all the time, so that it has to leave its WAL later.</summary>
    /// <param name="polite">How long queries go first when the file is to leave its WAL.</param>
    /// <param name="strict">How long those that run then may take to end.</param>
    /// <param name="betweenSteps">Called every second or so.</param>
    /// <exception cref="SqliteException">A step failed.</exception>
    public bool Seal(TimeSpan polite, TimeSpan strict, Action betweenSteps)
    {
        // First: on a full disk it can't be opened, and what is read as it lies has to stay so.
        _connection ??= Connections.OpenExistingWriter(segment.Path);
        if (segment.Contents is null && !IsReadableWhileWritten(polite, strict))
        {
            Dispose();
            return false;
        }

        if (segment.Contents is null)
        {
            var started = Stopwatch.GetTimestamp();
            segment.Sealing(true);
            _connection.WaitForLocks(BusyMilliseconds);
            _connection.InTransaction(() => segment.Partial?.Complete(_connection));
            foreach (var index in Sql.Indexes)
            {
                BuildIndex(_connection, index);
                betweenSteps();
            }

            BuildTextIndex(_connection);
            MarkSealed(_connection);
            CollectIndex();
            LogSealed(log, segment.Name.ToString(), segment.Rows, Stopwatch.GetElapsedTime(started).TotalSeconds);
        }

        _connection.CheckpointTruncate();
        _connection.WaitForLocks(0);
        var isAlone = segment.Readers.TryAlone(polite, strict, () => LeaveWal(_connection));
        // Reopened for the next try: an idle writer would keep others from switching the file too.
        Dispose();
        NativeHeap.Trim();
        return isAlone;
    }

    // One that could be read only as it lay, on a full disk: what reads it so must not meet a writer.
    private bool IsReadableWhileWritten(TimeSpan polite, TimeSpan strict)
    {
        if (segment.Readers.IsImmutable)
        {
            segment.Readers.TryAlone(polite, strict, static () => false);
        }

        return !segment.Readers.IsImmutable;
    }

    /// <summary>Stops the statement that runs; any thread may call it.</summary>
    public void Interrupt()
    {
        lock (_gate)
        {
            _connection?.Interrupt();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _connection?.Dispose();
            _connection = null;
        }
    }

    private static void BuildIndex(SqliteConnection connection, string index)
    {
        connection.InTransaction(() => connection.Execute(index));
        // Between the indexes, so that the WAL holds one of them and not all.
        connection.CheckpointPassive();
    }

    private void BuildTextIndex(SqliteConnection connection)
    {
        if (options.TextIndex && segment.Rows >= options.RowsInTextBlock)
        {
            connection.InTransaction(() => TextIndexBuilder.Build(connection, options.RowsInTextBlock));
            connection.CheckpointPassive();
        }
    }

    private void MarkSealed(SqliteConnection connection)
    {
        using var extent = connection.Prepare(Sql.Get("sealed_extent"));
        extent.ReadFirst();
        var rows = extent.Integer(0);
        if (rows > 0 && !(Timestamps.IsColumn(extent.Text(1)) && Timestamps.IsColumn(extent.Text(2))))
        {
            throw SqliteErrors.Damage("the time of a row is none");
        }

        var (first, last) = (Timestamps.FromColumn(extent.Text(1)), Timestamps.FromColumn(extent.Text(2)));
        extent.Reset();
        connection.InTransaction(() =>
        {
            // Half the figures, of a rebuild that failed or was stopped, are worse than none: without them rows are read.
            RollupTable.Write(connection, segment.Feed is { } feed && feed.TryGoLive(out _) ? feed.Rollup : null);
            using var mark = connection.Prepare(Sql.Get("mark_sealed"));
            mark.Bind(1, rows);
            mark.BindTime(2, first);
            mark.BindTime(3, last);
            mark.BindTime(4, segment.FirstArrivalNanos);
            mark.BindTime(5, segment.LastArrivalNanos);
            mark.Execute();
        });
        segment.BecameSealed(SegmentDescription.ReadContents(connection, rows, first, last));
    }

    // The index in memory has lived long enough to be collected only with everything, which would come late: by then there
    // are several, of 20 MB each at a million rows. In the background, and once a segment.
    private static void CollectIndex() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false);

    // Another program may have the file open: then it stays in its WAL, which answers as well, until a later try.
    private static bool LeaveWal(SqliteConnection connection)
    {
        using var leave = connection.Prepare(Sql.Get("leave_wal"));
        return leave.Step() == raw.SQLITE_ROW && leave.Text(0).SequenceEqual("delete"u8);
    }

    [LoggerMessage(LogLevel.Information, "{Segment} is sealed: {Rows} rows in {Seconds:F1} s")]
    private static partial void LogSealed(ILogger log, string segment, long rows, double seconds);
}
