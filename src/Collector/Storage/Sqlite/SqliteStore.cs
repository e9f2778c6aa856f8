using System.Diagnostics.CodeAnalysis;
using Collector.Storage.Sqlite.Search;
using Collector.Storage.Sqlite.Segments;

namespace Collector.Storage.Sqlite;

/// <summary>
/// The store: a folder of SQLite files, of which the newest is appended to. One process holds it, one thread appends, any
/// number read. It hands out its three sides and closes them in order.
/// </summary>
internal sealed class SqliteStore(
    FolderLock held, Catalog catalog, IdleReaders idle, SqliteAppender appender, SqliteReader reader, SegmentLifecycle lifecycle) : IDisposable
{
    private bool _isDisposed;

    public SqliteAppender Appender => appender;

    public SqliteReader Reader => reader;

    public SegmentLifecycle Lifecycle => lifecycle;

    public Catalog Catalog => catalog;

    /// <summary>Opens the folder, creating what is missing. What went wrong is in the answer, not thrown.</summary>
    /// <param name="options">Where, and when segments end.</param>
    /// <param name="otherBytes">Bytes elsewhere that count against <see cref="RetentionOptions.MaxBytes"/>; null: none.</param>
    /// <param name="log">Collector's own log.</param>
    /// <param name="clock">The one source of time.</param>
    public static StoreOpening Open(SqliteStoreOptions options, Func<long>? otherBytes, ILogger log, TimeProvider clock) =>
        new SqliteStoreOpener(options, otherBytes ?? (static () => 0), log, clock).Open();

    /// <summary>Call it when nothing appends or reads any more.</summary>
    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        lifecycle.Dispose();
        // Readers end before the writer, so that its last checkpoint finds the file free.
        foreach (var segment in catalog.Segments)
        {
            segment.Readers.Retire();
        }

        idle.Dispose();
        appender.Dispose();
        held.Dispose();
    }
}

/// <summary>Why a store could not be opened.</summary>
internal enum StoreProblem
{
    None,

    /// <summary>Another process holds the folder; the error names its number.</summary>
    Locked,

    /// <summary>The folder or a file in it cannot be created, read or written.</summary>
    Inaccessible,

    /// <summary>A file is not what it should be; the error names it.</summary>
    Damaged,
}

/// <param name="Store">The open store, or null.</param>
/// <param name="Problem">Why it is null.</param>
/// <param name="Error">English, for the operator; null where the store is open.</param>
internal readonly record struct StoreOpening(SqliteStore? Store, StoreProblem Problem, string? Error)
{
    [MemberNotNullWhen(true, nameof(Store))]
    [MemberNotNullWhen(false, nameof(Error))]
    public bool Succeeded => Store is not null;

    internal static StoreOpening Failed(StoreProblem problem, string error) => new(null, problem, error);
}
