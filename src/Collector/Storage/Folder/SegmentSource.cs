using Collector.Storage.Sqlite.Driver;
using Collector.Storage.Sqlite.Segments;
using Microsoft.Data.Sqlite;

namespace Collector.Storage.Folder;

/// <summary>
/// A segment's file as a program beside the Collector reads it, which may append to it, seal it or delete it meanwhile.
///
/// No program has a file open that has no WAL beside it: it is read as immutable: to open it otherwise would
/// leave a WAL and its index behind, perhaps of a user whose files the Collector may not open, and fails where the folder is
/// read-only. What was read is good if <see cref="IsAsItWas"/> afterwards.
/// </summary>
internal sealed class SegmentSource
{
    private readonly FileInfo _seen;
    private readonly bool _isQuiet;

    private SegmentSource(SegmentName name, string path)
    {
        Name = name;
        Path = path;
        _seen = new FileInfo(path);
        _seen.Refresh();
        _isQuiet = !SegmentFile.HasWal(path);
    }

    public SegmentName Name { get; }

    public string Path { get; }

    /// <summary>What SQLite attaches it by, read-only.</summary>
    public string Uri => Connections.UriOf(Path, _isQuiet ? "immutable=1" : "mode=ro");

    public bool IsDeleted => !File.Exists(Path);

    /// <summary>No program deleted the file, or began to write to one that had no WAL.</summary>
    public bool IsAsItWas
    {
        get
        {
            var now = new FileInfo(Path);
            return now.Exists && (!_isQuiet || (!SegmentFile.HasWal(Path)
                && now.Length == _seen.Length && now.LastWriteTimeUtc == _seen.LastWriteTimeUtc));
        }
    }

    /// <summary>The segments of a folder, oldest first.</summary>
    /// <exception cref="IOException">There is no such folder, it can't be read, or no Collector has ever used it.</exception>
    public static IReadOnlyList<SegmentSource> In(string folder)
    {
        var names = Directory.Exists(folder) ? Catalog.NamesIn(folder) : [];
        return names.Count > 0
            ? [.. names.Select(name => new SegmentSource(name, System.IO.Path.Combine(folder, name.ToString())))]
            : throw new IOException(
                $"There are no segments in {folder}; --Storage:Path names the folder that a Collector keeps its data in.");
    }

    /// <summary>Whether any of its rows is in the range; false where the file is gone.</summary>
    /// <exception cref="StoreUnavailableException">It can't be read, or is not a segment of ours.</exception>
    public bool HasRowsIn(TimeRange range) => Read(connection =>
        SegmentDescription.Read(connection, Name).LastRowid > 0 && connection.Ask(Sql.Get("span_has_rows"), range) != 0);

    /// <summary>What it says of itself; nothing where the file is gone.</summary>
    /// <exception cref="StoreUnavailableException">It can't be read, or is not a segment of ours.</exception>
    public SegmentDescription Describe() => Read(connection => SegmentDescription.Read(connection, Name));

    private T? Read<T>(Func<SqliteConnection, T> read)
    {
        try
        {
            using var connection = _isQuiet ? Connections.OpenImmutable(Path) : Connections.OpenReader(Path);
            return read(connection);
        }
        catch (SqliteException) when (IsDeleted)
        {
            return default;
        }
        catch (SqliteException e)
        {
            throw new StoreUnavailableException($"{Path} can't be read: {e.Message}");
        }
    }
}
