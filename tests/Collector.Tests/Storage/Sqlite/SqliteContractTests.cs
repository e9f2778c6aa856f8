using Collector.Storage;
using Collector.Storage.Sqlite;
using Collector.Storage.Sqlite.Segments;

namespace Collector.Tests.Storage.Sqlite;

/// <summary>The contract over the SQLite store as it is installed.</summary>
public sealed class SqliteContractTests : SqliteContract
{
    public SqliteContractTests()
        : base(new SqliteStoreOptions())
    {
    }
}

/// <summary>The same where no hash tells two ids apart: every candidate is verified by its row.</summary>
public sealed class SqliteContractWithCollidingHashesTests : SqliteContract
{
    public SqliteContractWithCollidingHashesTests()
        : base(new SqliteStoreOptions { IdHashMask = 0, MaxIndexedWorkers = 1 })
    {
    }
}

/// <summary>The same where each restart begins a segment: every answer is merged.</summary>
public sealed class SqliteContractOverSegmentsTests : SqliteContract
{
    public SqliteContractOverSegmentsTests()
        : base(new SqliteStoreOptions())
    {
    }

    protected override void Restart() => Open.Restart(beginSegment: true);
}

public abstract class SqliteContract : StoreContract
{
    private protected SqliteContract(SqliteStoreOptions options) => Open = new OpenStore(options);

    private protected OpenStore Open { get; }

    private protected override ILogAppender Appender => Open.Store.Appender;

    private protected override ILogReader Reader => Open.Store.Reader;

    private protected override ILogRetainer Retainer => Open.Store.Lifecycle;

    protected override void Restart() => Open.Restart();

    public override void Dispose()
    {
        Open.Dispose();
        GC.SuppressFinalize(this);
    }
}
