using Collector.Storage.Sqlite.Driver;
using Collector.Storage.Sqlite.Segments;
using Microsoft.Data.Sqlite;

namespace Collector.Storage.Folder;

/// <summary>A segment's file as a program beside the Collector reads it.</summary>
internal sealed class SegmentSource
{
    private readonly OutsideFile _file;

    private SegmentSource(SegmentName name, string path)
    {
        Name = name;
        _file = new OutsideFile(path);
    }

    public SegmentName Name { get; }

    public string Path => _file.Path;

    /// <inheritdoc cref="OutsideFile.Uri"/>
    public string Uri => _file.Uri;

    public bool IsDeleted => _file.IsDeleted;

    /// <inheritdoc cref="OutsideFile.IsAsItWas"/>
    public bool IsAsItWas => _file.IsAsItWas;

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
            using var connection = _file.Open();
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
