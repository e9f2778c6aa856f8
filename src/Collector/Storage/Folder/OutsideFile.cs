using Collector.Storage.Sqlite.Driver;
using Collector.Storage.Sqlite.Segments;
using Microsoft.Data.Sqlite;

namespace Collector.Storage.Folder;

/// <summary>
/// A SQLite file as a program beside the Collector reads it, which may append to it, seal it or delete it meanwhile.
///
/// No program has a file open that has no WAL beside it: it is read as immutable: to open it otherwise would
/// leave a WAL and its index behind, perhaps of a user whose files the Collector may not open, and fails where the folder is
/// read-only. What was read is good if <see cref="IsAsItWas"/> afterwards.
/// </summary>
internal sealed class OutsideFile
{
    // The last two: the versions that are needed to write and to read it; 2 is WAL.
    private const int HeadBytes = 20;

    private readonly FileInfo _seen;

    public OutsideFile(string path)
    {
        Path = path;
        _seen = new FileInfo(path);
        _seen.Refresh();
        IsQuiet = !SegmentFile.HasWal(path);
    }

    public string Path { get; }

    /// <summary>No program had it open, nor left it without closing it.</summary>
    public bool IsQuiet { get; }

    /// <summary>
    /// Its head says that it is not in WAL mode, so that nothing will write to it again where it is sealed. A connection
    /// that takes it as immutable does not tell.
    /// </summary>
    public bool HasLeftWal
    {
        get
        {
            if (!IsQuiet)
            {
                return false; // And to open it by other means than SQLite would drop locks that this process has on it.
            }

            Span<byte> head = stackalloc byte[HeadBytes];
            using var file = FileHash.OpenToRead(Path);
            return file.ReadAtLeast(head, HeadBytes, throwOnEndOfStream: false) == HeadBytes && head[HeadBytes - 2] == 1 && head[HeadBytes - 1] == 1;
        }
    }

    /// <summary>What SQLite attaches it by, read-only.</summary>
    public string Uri => Connections.UriOf(Path, IsQuiet ? "immutable=1" : "mode=ro");

    public bool IsDeleted => !File.Exists(Path);

    /// <summary>No program deleted the file, or began to write to one that nobody had open.</summary>
    public bool IsAsItWas
    {
        get
        {
            var now = new FileInfo(Path);
            return now.Exists && (!IsQuiet || (!SegmentFile.HasWal(Path)
                && now.Length == _seen.Length && now.LastWriteTimeUtc == _seen.LastWriteTimeUtc));
        }
    }

    /// <exception cref="SqliteException">It can't be opened.</exception>
    public SqliteConnection Open() => IsQuiet ? Connections.OpenImmutable(Path) : Connections.OpenReader(Path);
}
