using Collector.Storage;
using Collector.Storage.Sqlite;
using Collector.Tests.Support;

namespace Collector.Tests.Storage;

/// <summary>A SQLite store in a folder that is gone after the test, which can be closed and opened again.</summary>
public sealed class OpenStore : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SqliteStoreOptions _options;

    public OpenStore(SqliteStoreOptions? options = null)
    {
        _options = options ?? new SqliteStoreOptions();
        _options.Path = _folder.Path;
        Store = Open();
    }

    public SqliteStore Store { get; private set; }

    public RecordingLogger Log { get; } = new();

    public string HotFile => Store.Catalog.Segments[^1].Path;

    public void Append(params SomeRow[] rows)
    {
        using var batch = Some.Batch(rows);
        Store.Append([batch]).ShouldBe(AppendResult.Committed);
    }

    public void Restart(bool beginSegment = false)
    {
        Store.Dispose();
        _options.BeginSegment = beginSegment;
        Store = Open();
        _options.BeginSegment = false;
    }

    public StoreOpening OpenSecond() => SqliteStore.Open(_options, Log, TimeProvider.System);

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
