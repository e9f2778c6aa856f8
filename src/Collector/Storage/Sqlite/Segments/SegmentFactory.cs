using Collector.Model;
using Collector.Storage.Sqlite.Driver;
using Microsoft.Data.Sqlite;

namespace Collector.Storage.Sqlite.Segments;

/// <summary>Makes segments of files: the hot one with its writer, older ones to be read.</summary>
internal sealed class SegmentFactory(
    string folder, SqliteStoreOptions options, StoreSpace space, IdHasher hasher, Catalog catalog, IdleReaders idle, Damages damages,
    TimeProvider clock)
{
    /// <summary>
    /// The next name: no file of the folder, whatever it is, has or had a higher one, also where they were removed under it. Of
    /// a creation that failed nothing is left, so that the next attempt has the same.
    /// </summary>
    public SegmentName NextName()
    {
        var last = catalog.Segments is [.., var newest] ? newest.Name.Number : 0;
        foreach (var path in Directory.EnumerateFileSystemEntries(folder))
        {
            if (SegmentName.TryParseStart(Path.GetFileName(path.AsSpan()), out var name))
            {
                last = Math.Max(last, name.Number);
            }
        }

        return last == 0 ? SegmentName.First : new SegmentName(last).Next;
    }

    public string PathOf(SegmentName name) => Path.Combine(folder, name.ToString());

    /// <summary>Opens a file that is there, to append to it.</summary>
    /// <param name="name">Of the file.</param>
    /// <param name="described">What it says of itself.</param>
    /// <exception cref="SqliteException">The file cannot be had.</exception>
    public SegmentWriter OpenHot(SegmentName name, in SegmentDescription described) =>
        WriterOf(SegmentWriter.Open(PathOf(name), described.Partial), name, described with { Partial = null, IsImmutable = false });

    /// <summary>Begins a file behind one that is full.</summary>
    /// <exception cref="SqliteException">The file cannot be had; nothing of it is left.</exception>
    public SegmentWriter OpenNext(SegmentWriter full) => Create(NextName(), CarriedBy(full));

    /// <summary>Begins a file where there is none to go on from: what it takes over is read from the newest that can be read.</summary>
    /// <inheritdoc cref="OpenNext"/>
    public SegmentWriter OpenNew(SegmentName name) => Create(name, RecoveredState.Recall(catalog, ulong.MaxValue, StreamsSince, damages.Found));

    /// <summary>What a file says of itself. One that is in no WAL, but of an unsealed segment, could not be opened otherwise.</summary>
    /// <exception cref="SegmentFaultException">It is not the segment that its name says.</exception>
    /// <exception cref="SqliteException">The file cannot be read.</exception>
    public SegmentDescription Describe(SegmentName name)
    {
        var path = PathOf(name);
        try
        {
            // A kill in the moment in which a sealed file leaves its WAL leaves that step's journal.
            if (SegmentFile.HasJournal(path))
            {
                Connections.RollBack(path);
            }

            using var connection = Connections.OpenReader(path);
            return SegmentDescription.Read(connection, name);
        }
        catch (SqliteException e) when (IsForWantOfRoom(e) && !SegmentFile.HasRowsInWal(path) && !SegmentFile.HasJournal(path))
        {
            // All of it is in the file: it answers without the WAL's index, which a full disk or a read-only one has no place for.
            using var connection = Connections.OpenImmutable(path);
            return SegmentDescription.Read(connection, name) with { IsImmutable = true };
        }
    }

    /// <summary>Adds a file that is only read.</summary>
    /// <exception cref="SqliteException">The file cannot be read, or is not the segment that its name says.</exception>
    public Segment AddOlder(SegmentName name) => AddOlder(name, Describe(name));

    /// <summary>Adds a file that is only read, as it was described.</summary>
    public Segment AddOlder(SegmentName name, in SegmentDescription described)
    {
        var segment = Create(name, described);
        catalog.Add(segment);
        return segment;
    }

    private ulong StreamsSince => Timestamps.ToNanos(clock.GetUtcNow() - StreamMark.KeptFor);

    // Its accounts may be what is broken in it: then the one before has older ones.
    private StoreMemory CarriedBy(SegmentWriter full)
    {
        try
        {
            return full.Carried(StreamsSince);
        }
        catch (SqliteException e) when (SqliteErrors.IsDamage(e.SqliteExtendedErrorCode))
        {
            damages.Found(full.Segment, e);
            return RecoveredState.Recall(catalog, ulong.MaxValue, StreamsSince, damages.Found);
        }
    }

    private SegmentWriter Create(SegmentName name, StoreMemory carried)
    {
        var now = Timestamps.ToNanos(clock.GetUtcNow());
        var connection = SegmentWriter.Create(PathOf(name), name, now, carried, options.Creating);
        try
        {
            return WriterOf(connection, name, new SegmentDescription { CreatedNanos = now, WrittenFormat = SegmentDescription.Format });
        }
        catch
        {
            SegmentFile.TryDelete(PathOf(name));
            throw;
        }
    }

    // Listed last: what is listed and is not the newest may be deleted.
    private SegmentWriter WriterOf(SqliteConnection connection, SegmentName name, in SegmentDescription described)
    {
        try
        {
            connection.KeepTemporaryFilesIn(folder);
            var segment = Create(name, described);
            var writer = new SegmentWriter(connection, segment, described.LastResourceId);
            if (space.MaxWal is { } bytes)
            {
                writer.CheckpointPages = (int)(bytes / SegmentWriter.PageSize);
            }

            catalog.Add(segment);
            return writer;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    // No room, no handle, or no right to write: all that is needed besides the file itself.
    private static bool IsForWantOfRoom(SqliteException e) =>
        e is not SegmentFaultException && SqliteErrors.Classify(e.SqliteExtendedErrorCode) == AppendStatus.Transient
        && !SqliteErrors.IsLock(e.SqliteExtendedErrorCode);

    /// <summary>A segment that is not listed yet.</summary>
    public Segment Create(SegmentName name, in SegmentDescription described)
    {
        var feed = described.IsSealed ? null : new HotIndexWriter(
            new HotIndex(name.Number, hasher, options.MaxIndexedWorkers), new HotRollup(options.MaxRollupCells), described.LastRowid);
        return new Segment(name, PathOf(name), described, idle, feed);
    }
}
