using Collector.Model;
using Collector.Storage.Sqlite.Driver;
using Microsoft.Data.Sqlite;

namespace Collector.Storage.Sqlite.Segments;

/// <summary>Makes segments of files: the hot one with its writer, older ones to be read; renames damaged ones.</summary>
internal sealed partial class SegmentFactory(
    string folder, SqliteStoreOptions options, IdHasher hasher, Catalog catalog, IdleReaders idle, TimeProvider clock, ILogger log)
{
    /// <summary>Appended to the name of a file that can't be used, so that no program takes it for a segment.</summary>
    private const string AsideSuffix = ".damaged";

    /// <summary>A name that no file of the folder has or had, also where they were removed under it.</summary>
    public SegmentName NextName()
    {
        var last = catalog.Segments is [.., var newest] ? newest.Name.Number : 0;
        foreach (var path in Directory.EnumerateFiles(folder))
        {
            var name = Path.GetFileName(path.AsSpan());
            var end = name.IndexOf(".db", StringComparison.Ordinal);
            if (end >= 0 && SegmentName.TryParse(name[..(end + 3)], out var parsed))
            {
                last = Math.Max(last, parsed.Number);
            }
        }

        return last == 0 ? SegmentName.First : new SegmentName(last).Next;
    }

    public string PathOf(SegmentName name) => Path.Combine(folder, name.ToString());

    /// <summary>Opens or creates the file that is appended to.</summary>
    /// <param name="name">Of the file.</param>
    /// <param name="carried">Accounts and streams that a new file begins with, so that they outlive the older files.</param>
    /// <exception cref="SqliteException">The file cannot be had.</exception>
    public SegmentWriter OpenHot(SegmentName name, StoreMemory carried)
    {
        var connection = SegmentWriter.Open(PathOf(name), name, Timestamps.ToNanos(clock.GetUtcNow()), carried);
        try
        {
            connection.KeepTemporaryFilesIn(folder);
            if (options.MaxWal is { } bytes)
            {
                connection.CheckpointAfter((int)(bytes / SegmentWriter.PageSize));
            }

            var described = SegmentDescription.Read(connection, name);
            return new SegmentWriter(connection, Add(name, described), described.LastResourceId);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Begins a file behind one that is full.</summary>
    /// <inheritdoc cref="OpenHot"/>
    public SegmentWriter OpenNext(SegmentWriter full) => OpenHot(NextName(), full.Carried(StreamsSince));

    /// <summary>Begins a file where there is none to go on from: what it takes over is read from all.</summary>
    /// <inheritdoc cref="OpenHot"/>
    public SegmentWriter OpenNew(SegmentName name) => OpenHot(name, RecoveredState.Recall(catalog, ulong.MaxValue, StreamsSince, static (_, _) => { }));

    /// <summary>Adds a file that is only read.</summary>
    /// <exception cref="SqliteException">The file cannot be read, or is not the segment that its name says.</exception>
    public void AddOlder(SegmentName name)
    {
        using var connection = OpenWhole(name);
        Add(name, SegmentDescription.Read(connection, name));
    }

    /// <summary>Whether the file was sealed, so that it must not be appended to.</summary>
    /// <exception cref="SqliteException">The file cannot be read, or is not the segment that its name says.</exception>
    public bool IsSealed(SegmentName name)
    {
        using var connection = OpenWhole(name);
        return SegmentDescription.Read(connection, name).IsSealed;
    }

    /// <summary>Renames a file that can't be used, with what belongs to it.</summary>
    /// <exception cref="IOException">It can't be renamed.</exception>
    public void SetAside(SegmentName name, string? why)
    {
        var path = PathOf(name);
        foreach (var part in SegmentFile.Parts)
        {
            if (File.Exists(path + part))
            {
                File.Move(path + part, path + AsideSuffix + part, overwrite: true);
            }
        }

        LogSetAside(log, path, path + AsideSuffix, why);
    }

    private ulong StreamsSince => Timestamps.ToNanos(clock.GetUtcNow() - StreamMark.KeptFor);

    // A kill in the moment in which a sealed file leaves its WAL leaves that step's journal.
    private SqliteConnection OpenWhole(SegmentName name)
    {
        var path = PathOf(name);
        if (SegmentFile.HasJournal(path))
        {
            Connections.RollBack(path);
        }

        return Connections.OpenReader(path);
    }

    private Segment Add(SegmentName name, in SegmentDescription described)
    {
        var segment = Create(name, described);
        catalog.Add(segment);
        return segment;
    }

    /// <summary>A segment that is not listed yet.</summary>
    public Segment Create(SegmentName name, in SegmentDescription described)
    {
        var feed = described.IsSealed ? null : new HotIndexWriter(
            new HotIndex(name.Number, hasher, options.MaxIndexedWorkers), new HotRollup(options.MaxRollupCells), described.LastRowid);
        return new Segment(name, PathOf(name), described, idle, feed);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Path} is damaged and was renamed to {Aside}: {Error}")]
    private static partial void LogSetAside(ILogger log, string path, string aside, string? error);
}
