using System.Collections.Concurrent;
using Collector.Model;
using Collector.Storage.Sqlite.Driver;
using Microsoft.Data.Sqlite;

namespace Collector.Storage.Sqlite.Segments;

/// <summary>
/// Told by whoever finds that a part of a file can't be read, of whatever kind the file is. What is found is said in the log
/// once a file, counted, marked in the catalog, so that answers tell of it, and kept until somebody has saved what can be
/// saved. Safe for any number of threads; does not throw.
/// </summary>
internal sealed partial class Damages(Catalog catalog, AutoResetEvent wake, TimeProvider clock, ILogger log)
{
    private readonly ConcurrentQueue<DamagedSegment> _waiting = new();
    private readonly ConcurrentQueue<DamagedSegment> _postponed = new();
    private readonly ConcurrentDictionary<string, long> _found = new(StringComparer.Ordinal);

    /// <summary>Files found since the start, by reason.</summary>
    public IEnumerable<KeyValuePair<string, long>> Counts => _found;

    // A statement that a file can't run is tried once on what was saved of it, and not for ever: the fault may be its own.
    private readonly ConcurrentDictionary<string, bool> _ofAnotherShape = new(StringComparer.Ordinal);

    /// <summary>A question, the sealing or a rebuild met it.</summary>
    public void Found(Segment segment, SqliteException error)
    {
        if (!SqliteErrors.IsUnreadable(error.SqliteExtendedErrorCode))
        {
            LogPassing(log, segment.Path, error.Message);
            return;
        }

        if (segment.Readers.IsRetired || segment.ReplacedBy is not null)
        {
            return; // It has left: what reads it still reads a file that is being deleted.
        }

        if ((error.SqliteExtendedErrorCode & 0xFF) == SQLitePCL.raw.SQLITE_ERROR && !_ofAnotherShape.TryAdd(segment.Name.ToString(), true))
        {
            return;
        }

        var isThere = File.Exists(segment.Path);
        Found(segment, SqliteErrors.ReasonOf(error.SqliteExtendedErrorCode, isThere), error.Message, connection: null);
    }

    /// <summary>The writer has left it.</summary>
    /// <param name="segment">Nothing is appended to it any more.</param>
    /// <param name="reason">In a word.</param>
    /// <param name="error">In English.</param>
    /// <param name="connection">The writer's, which reads also a file that has no name any more; whoever takes the segment closes it.</param>
    public void Left(Segment segment, string reason, string error, SqliteConnection connection) =>
        Found(segment, reason, error, connection);

    /// <summary>The next to be saved; false where none waits.</summary>
    public bool TryTake(out DamagedSegment damaged) => _waiting.TryDequeue(out damaged);

    /// <summary>It can't be saved now.</summary>
    public void Postpone(DamagedSegment damaged) => _postponed.Enqueue(damaged);

    /// <summary>Lets what was put off be tried again.</summary>
    public void Retry()
    {
        for (var left = _postponed.Count; left > 0 && _postponed.TryDequeue(out var damaged); left--)
        {
            _waiting.Enqueue(damaged);
        }
    }

    private void Found(Segment segment, string reason, string error, SqliteConnection? connection)
    {
        var (from, to) = segment.FirstTimestamp <= segment.LastTimestamp
            ? (segment.FirstTimestamp, segment.LastTimestamp)
            : (segment.FirstArrivalNanos, segment.LastArrivalNanos);
        var file = new UnreadableFile(
            segment.Name.ToString(), reason, error, from, to, reason == "missing" ? segment.Rows : 0, Timestamps.ToNanos(clock.GetUtcNow()));
        var isNew = catalog.Mark(file);
        segment.IsDamaged = true;
        if (isNew)
        {
            LogFound(log, segment.Path, error);
            _found.AddOrUpdate(reason, 1, static (_, count) => count + 1);
        }

        // The writer's connection comes after a question has found the damage: the segment waits for it.
        if (connection is not null || (isNew && !segment.IsWritten))
        {
            _waiting.Enqueue(new DamagedSegment(segment, reason, error, connection));
        }

        wake.Set();
    }

    [LoggerMessage(LogLevel.Warning, "{Path} could not be read at the moment: {Error}")]
    private static partial void LogPassing(ILogger log, string path, string error);

    [LoggerMessage(LogLevel.Error, "{Path} is damaged: a part of it can't be read. Answers leave that out and say so, and the rest is saved: {Error}")]
    private static partial void LogFound(ILogger log, string path, string error);
}

/// <param name="Segment">In the catalog, and answering as far as it can.</param>
/// <param name="Reason">In a word.</param>
/// <param name="Error">What the engine said.</param>
/// <param name="Connection">Its writer's; null: it is opened by its name.</param>
internal readonly record struct DamagedSegment(Segment Segment, string Reason, string Error, SqliteConnection? Connection)
{
    /// <summary>Nothing says that its contents are broken: it is not there, or can't be opened.</summary>
    public bool IsAway => Reason is "missing" or "not_opened";
}
