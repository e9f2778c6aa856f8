using Collector.Storage;
using Collector.Storage.Sqlite;
using Collector.Storage.Sqlite.Segments;
using Collector.Tests.Support;

namespace Collector.Tests.Storage.Sqlite;

/// <summary>A SQLite store in a folder that is gone after the test, which can be closed and opened again.</summary>
internal sealed class OpenStore : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SqliteStoreOptions _options;
    private readonly Func<long>? _otherBytes;
    private readonly TimeProvider _clock;

    /// <summary>Opens it.</summary>
    /// <param name="options">Null: the defaults.</param>
    /// <param name="clock">Null: one that goes on from noon.</param>
    /// <param name="otherBytes">What else counts against the quota.</param>
    /// <param name="folderToCopy">Files that it begins with; null: none.</param>
    public OpenStore(
        SqliteStoreOptions? options = null, TimeProvider? clock = null, Func<long>? otherBytes = null, string? folderToCopy = null)
    {
        foreach (var file in folderToCopy is null ? [] : Directory.GetFiles(folderToCopy))
        {
            File.Copy(file, _folder.File(Path.GetFileName(file)));
        }

        _otherBytes = otherBytes;
        _clock = clock ?? new NoonClock();
        _options = options ?? new SqliteStoreOptions();
        _options.Path = _folder.Path;
        Store = Open();
    }

    public SqliteStore Store { get; private set; }

    public RecordingLogger Log { get; } = new();

    public string Folder => _folder.Path;

    public string HotFile => Store.Catalog.Segments[^1].Path;

    public void Append(params SomeRow[] rows)
    {
        using var batch = Some.Batch(rows);
        Store.Appender.Append([batch]).ShouldBe(AppendResult.Committed);
    }

    public void Restart(bool beginSegment = false)
    {
        if (beginSegment)
        {
            Store.Appender.RollOver();
        }

        Store.Dispose();
        Store = Open();
    }

    /// <summary>Waits until every segment but the newest is sealed and nobody's WAL any more.</summary>
    public Task IsSealedAsync() => Eventually.IsSoAsync(
        () => Store.Catalog.Segments.SkipLast(1).All(static s => s.State == SegmentState.Sealed && s.Readers.IsImmutable),
        () => string.Join(", ", Store.Catalog.Segments.Select(static s => $"{s.Name} {s.State}")) + string.Join("; ", Log.Errors));

    public StoreOpening OpenSecond() => SqliteStore.Open(_options, _otherBytes, Log, _clock);

    public void Dispose()
    {
        Store.Dispose();
        _folder.Dispose();
    }

    private SqliteStore Open()
    {
        var opening = OpenSecond();
        opening.Error.ShouldBeNull();
        return opening.Store!;
    }
}
