using Collector.Model;
using Collector.Storage.Sqlite.Driver;
using Collector.Storage.Sqlite.Segments;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Collector.Storage.Folder;

/// <summary>How a file was found.</summary>
internal enum FileState
{
    Whole,

    /// <summary>Nothing of it is lost, but an operator should know.</summary>
    Noted,

    /// <summary>Something in it can't be read, or is not as it was written.</summary>
    Damaged,
}

/// <param name="Name">Relative to the data folder.</param>
/// <param name="State">How it was found.</param>
/// <param name="Text">English.</param>
internal readonly record struct FileReport(string Name, FileState State, string Text);

/// <summary>
/// Reads every page of every file of a data folder, of one that a Collector runs on too, and of a backup. Nothing is written.
/// Each kind of file is looked at in one method; what a look can't find is a byte inside of a text of an unsealed or a sealed
/// segment that became another one: there is no checksum in these files. A backup has one for each.
/// </summary>
/// <param name="folder">The data folder.</param>
/// <param name="spool">The spool's folder.</param>
internal sealed class FolderCheck(string folder, string spool)
{
    private const int MaxFaultsTold = 3;

    private readonly FolderLedger _ledger = new();

    /// <summary>Rows of the segments that could be read.</summary>
    public long Rows { get; private set; }

    /// <summary>Earliest and latest event time of sealed segments, and of what unsealed ones hold.</summary>
    public (ulong First, ulong Last) Times { get; private set; } = (ulong.MaxValue, 0);

    /// <summary>What the accounts say, once all files were looked at.</summary>
    public FolderLedger Ledger => _ledger;

    /// <summary>Looks at one file after the other, oldest segments first, and last at what they say together.</summary>
    /// <exception cref="IOException">The folder can't be listed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public IEnumerable<FileReport> Run(CancellationToken cancellation)
    {
        var files = StoreFiles.In(folder, spool);
        var isWhole = true;
        foreach (var file in files)
        {
            cancellation.ThrowIfCancellationRequested();
            if (Look(file, cancellation) is { } report)
            {
                isWhole &= file.Kind != FileKind.Segment || report.State != FileState.Damaged;
                yield return report;
            }
        }

        if (files.Any(static file => file.Kind == FileKind.Segment))
        {
            yield return isWhole ? _ledger.Compare(Rows)
                : new FileReport("ledger", FileState.Noted, "can't be compared with the rows, since a segment can't be read");
        }
    }

    // Null: it was deleted meanwhile.
    private FileReport? Look(StoreFile file, CancellationToken cancellation) => file.Kind switch
    {
        FileKind.Segment or FileKind.Database => LookAtDatabase(file, cancellation),
        FileKind.SetAside => new FileReport(
            file.Name, FileState.Noted, $"was set aside ({SizeOf(file)} bytes): no answer reads it; what could be saved of it was"),
        _ => LookAtBytes(file, cancellation),
    };

    private static FileReport? LookAtBytes(StoreFile file, CancellationToken cancellation)
    {
        try
        {
            return new FileReport(file.Name, FileState.Whole, $"{FileHash.Of(file.Path, cancellation).Bytes} bytes can be read");
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new FileReport(file.Name, FileState.Damaged, e.Message);
        }
    }

    private FileReport? LookAtDatabase(StoreFile file, CancellationToken cancellation)
    {
        var source = new OutsideFile(file.Path);
        try
        {
            using var connection = source.Open();
            connection.StopWith(cancellation);
            // What is told of it is of one moment.
            connection.Execute(Sql.Begin);
            connection.Execute(Sql.Get("begin_snapshot"));
            var faults = FaultsOf(connection);
            return faults.Count > 0 ? Damaged(file, faults)
                : file.Kind == FileKind.Segment ? LookAtSegment(connection, file)
                : new FileReport(file.Name, FileState.Whole, $"every page is right ({SizeOf(file)} bytes)");
        }
        catch (SqliteException e)
        {
            cancellation.ThrowIfCancellationRequested();
            return source.IsDeleted ? null : Unreadable(file, e);
        }
    }

    private static List<string> FaultsOf(SqliteConnection connection)
    {
        var faults = new List<string>();
        using var check = connection.Prepare(Sql.Get("integrity_check"));
        while (check.Read())
        {
            faults.AddRange(check.String(0).Split('\n').Where(static line => line != "ok"));
        }

        return faults;
    }

    private FileReport LookAtSegment(SqliteConnection connection, StoreFile file)
    {
        _ = SegmentName.TryParse(file.Name, out var name);
        if (!connection.HasTable("segment_meta"))
        {
            return connection.HasTable("tail_logs") || HasTables(connection)
                ? new FileReport(file.Name, FileState.Damaged, "is a SQLite file, but not a segment of Collector's")
                : new FileReport(file.Name, FileState.Noted, "holds nothing: its creation was cut short");
        }

        var described = SegmentDescription.Read(connection, name);
        using var count = connection.Prepare(Sql.Get("count_rows"));
        count.ReadFirst();
        var (rows, last) = (count.Integer(0), count.Integer(1));
        Rows += rows;
        _ledger.Add(connection);
        AddTimes(connection, described);
        var state = described.IsSealed ? "sealed" : "not sealed yet";
        return described.IsSealed && described.LastRowid != last
            ? new FileReport(file.Name, FileState.Damaged, $"says that it has {described.LastRowid} rows, and has {last}")
            : rows != last
            ? new FileReport(file.Name, FileState.Noted, $"{state}, {rows} rows; {last - rows} others were taken out of it")
            : new FileReport(file.Name, FileState.Whole, $"{state}, {rows} rows, every page is right");
    }

    private void AddTimes(SqliteConnection connection, in SegmentDescription described)
    {
        if (described.LastRowid == 0)
        {
            return;
        }

        var (first, last) = (described.Contents?.FirstTimestamp, described.Contents?.LastTimestamp);
        if (first is null)
        {
            using var extent = connection.Prepare(Sql.Get("sealed_extent"));
            extent.ReadFirst();
            (first, last) = (Timestamps.FromColumn(extent.Text(1)), Timestamps.FromColumn(extent.Text(2)));
        }

        Times = (Math.Min(Times.First, first.Value), Math.Max(Times.Last, last!.Value));
    }

    private static bool HasTables(SqliteConnection connection)
    {
        using var count = connection.Prepare(Sql.Get("begin_snapshot"));
        count.ReadFirst();
        return count.Integer(0) > 0;
    }

    private static FileReport Damaged(StoreFile file, List<string> faults)
    {
        var more = faults.Count > MaxFaultsTold ? $"; and {faults.Count - MaxFaultsTold} faults more" : "";
        return new FileReport(file.Name, FileState.Damaged, $"is damaged: {string.Join("; ", faults.Take(MaxFaultsTold))}{more}");
    }

    // In the words of what it is: a newer one and a copy are whole, and an empty one was never written to.
    private static FileReport Unreadable(StoreFile file, SqliteException e) => e.SqliteErrorCode switch
    {
        raw.SQLITE_MISUSE => new FileReport(file.Name, FileState.Damaged, $"can't be used: {e.Message}"),
        raw.SQLITE_NOTADB => new FileReport(file.Name, FileState.Damaged, $"is not a SQLite file, or its head is damaged: {e.Message}"),
        raw.SQLITE_CORRUPT => new FileReport(file.Name, FileState.Damaged, $"is damaged: {e.Message}"),
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => new FileReport(file.Name, FileState.Damaged, $"is locked by another program: {e.Message}"),
        _ => new FileReport(file.Name, FileState.Damaged, $"can't be read: {e.Message}"),
    };

    private static long SizeOf(StoreFile file) => SegmentFile.SizeOf(file.Path);
}
