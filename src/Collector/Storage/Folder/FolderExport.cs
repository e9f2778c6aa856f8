using Collector.Storage.Sqlite.Driver;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Collector.Storage.Folder;

/// <summary>What an export wrote.</summary>
internal readonly record struct Exported(long Rows, long Gaps, long Bytes, IReadOnlyList<string> Vanished);

/// <summary>
/// Copies what a span of time holds into one new SQLite file with all indexes: rows in order of arrival, their
/// resources under new numbers (a number means something in its own segment only), and the markers of losses.
/// (1) A file beside the target, which no other program has. (2) Each segment in a transaction, taken back where the segment
/// vanished meanwhile. (3) Indexes, once. (4) Sync, and only then the target's name.
/// </summary>
/// <param name="segments">Of the folder.</param>
/// <param name="range">What is copied.</param>
/// <param name="sync">What makes files durable; null: the disk's own.</param>
internal sealed class FolderExport(IReadOnlyList<SegmentSource> segments, TimeRange range, FileSync? sync = null)
{
    /// <summary>Appended to the target's name until the file is whole.</summary>
    public const string PartSuffix = ".part";

    // As the SQL calls the one that is being copied.
    private const string Segment = "segment";

    private readonly FileSync _sync = sync ?? FileSync.Default;
    private readonly List<string> _vanished = [];

    /// <exception cref="IOException">The target or its part is there already, or can't be written.</exception>
    /// <exception cref="StoreUnavailableException">A segment can't be read, or the disk is full.</exception>
    public Exported Run(string target, CancellationToken cancellation)
    {
        if (File.Exists(target))
        {
            throw new IOException($"{target} is there already; an export never overwrites.");
        }

        var part = target + PartSuffix;
        // Open until it is synced: a write that failed before is told to no later handle for certain.
        using var reserved = Reserve(part);
        try
        {
            var (rows, gaps) = Copy(part, cancellation);
            _sync.SyncFile(reserved.SafeFileHandle, part);
            File.Move(part, target, overwrite: false);
            Name(target);
            return new Exported(rows, gaps, new FileInfo(target).Length, _vanished);
        }
        catch (SqliteException e)
        {
            cancellation.ThrowIfCancellationRequested();
            throw new StoreUnavailableException($"The export failed: {e.Message}");
        }
        finally
        {
            File.Delete(part);
        }
    }

    // A file whose name is not on disk is not exported.
    private void Name(string target)
    {
        try
        {
            _sync.SyncFolder(Path.GetDirectoryName(Path.GetFullPath(target))!);
        }
        catch
        {
            File.Delete(target);
            throw;
        }
    }

    // With the rights that the umask leaves: rows go out on purpose, and to whom is their owner's business.
    private static FileStream Reserve(string part)
    {
        try
        {
            return new FileStream(part, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        }
        catch (IOException) when (File.Exists(part))
        {
            throw new IOException(
                $"{part} is there: another export to this file is under way, or was killed. Delete it if none is.");
        }
    }

    private (long Rows, long Gaps) Copy(string part, CancellationToken cancellation)
    {
        using var connection = Connections.OpenExport(part);
        using var interruption = cancellation.Register(static c => ((SqliteConnection)c!).Interrupt(), connection);
        connection.Execute(Sql.Get("tail_logs"));
        connection.Execute(Sql.Get("tail_resources"));
        connection.Execute(Sql.Get("tail_gaps"));
        connection.Execute(Sql.Get("export_known"));
        foreach (var segment in segments)
        {
            // Between two statements SQLite forgets an interruption.
            cancellation.ThrowIfCancellationRequested();
            CopyOrLeave(connection, segment);
        }

        connection.Execute(Sql.Get("export_used_resources"));
        foreach (var index in Sql.Indexes)
        {
            cancellation.ThrowIfCancellationRequested();
            connection.Execute(index);
        }

        return Count(connection);
    }

    private void CopyOrLeave(SqliteConnection connection, SegmentSource segment)
    {
        var hasRows = segment.HasRowsIn(range);
        try
        {
            connection.Attach(segment, Segment);
            CopyAttached(connection, segment, hasRows);
            connection.Detach(Segment);
        }
        catch (SqliteException) when (segment.IsDeleted)
        {
            // Retention was quicker than opening it.
            _vanished.Add(segment.Path);
        }
    }

    private void CopyAttached(SqliteConnection connection, SegmentSource segment, bool hasRows)
    {
        connection.Execute(Sql.Begin);
        try
        {
            if (hasRows)
            {
                connection.Execute(Sql.Get("export_resources"));
                connection.Run(Sql.Get("export_rows"), range);
            }

            connection.Run(Sql.Get("export_gaps"), range);
        }
        catch (SqliteException) when (segment.IsDeleted)
        {
            // It is cut off while we read; what came of it is taken back below.
        }

        if (segment.IsDeleted)
        {
            connection.Execute(Sql.Rollback);
            _vanished.Add(segment.Path);
        }
        else if (!segment.IsAsItWas)
        {
            throw SqliteErrors.Of(
                raw.SQLITE_BUSY, $"{segment.Path} was written to by a Collector that has just started; try again");
        }
        else
        {
            connection.Execute(Sql.Commit);
        }
    }

    private static (long Rows, long Gaps) Count(SqliteConnection connection)
    {
        using var counts = connection.Prepare(Sql.Get("export_extent"));
        counts.ReadFirst();
        return (counts.Integer(0), counts.Integer(1));
    }
}
