using Collector.Model;
using Collector.Storage.Sqlite.Driver;
using Collector.Storage.Sqlite.Salvage;
using Collector.Storage.Sqlite.Sealing;
using Collector.Storage.Sqlite.Segments;
using Microsoft.Data.Sqlite;

namespace Collector.Storage.Sqlite;

/// <summary>
/// What becomes of each file of the folder that bears a segment's name. One that can be used is listed. One whose creation
/// was cut short is removed. Of a damaged one is saved what can be. All others stay as they are, are marked and never written to: of a
/// newer version, another program's, a copy, or not to be opened at the moment, which is tried again each minute.
/// </summary>
internal sealed partial class SegmentFiles(
    string folder, SegmentFactory factory, Catalog catalog, SealingQueue sealing, Salvager salvager, TimeProvider clock,
    ILogger log)
{
    // Guards what is known: passes may come from several threads.
    private readonly Lock _gate = new();
    private readonly Dictionary<SegmentName, SqliteException> _faults = [];

    // Of the one that may be appended to, while it is not listed; zero: none.
    private ulong _newestCreated;

    /// <summary>Looks at all files; returns the newest where it may be appended to, which is not listed yet.</summary>
    public (SegmentName Name, SegmentDescription Described)? Look()
    {
        (SegmentName Name, SegmentDescription Described)? newest = null;
        foreach (var name in NamesIn(folder))
        {
            var described = TryDescribe(name);
            if (described is null && SegmentFaultException.FaultOf(_faults[name]) == SegmentFault.CutShort)
            {
                continue; // As if it had never been begun: the one before goes on.
            }

            if (newest is { } older)
            {
                factory.AddOlder(older.Name, older.Described);
            }

            newest = described is { } usable ? (name, usable) : null;
        }

        if (newest is { } last && !MayBeAppendedTo(last.Described))
        {
            factory.AddOlder(last.Name, last.Described);
            newest = null;
        }

        _newestCreated = newest?.Described.CreatedNanos ?? 0;
        // Afterwards, since a file's time is guessed from its neighbours.
        foreach (var (name, error) in _faults.ToArray())
        {
            Settle(name, error);
        }

        return newest;
    }

    /// <summary>Looks at those again that could not be opened: room, rights or handles may have come.</summary>
    /// <param name="isStart">The caller seals what is unsealed.</param>
    public void LookAgain(bool isStart = false)
    {
        lock (_gate)
        {
            LookAtInaccessible(isStart);
        }
    }

    private void LookAtInaccessible(bool isStart)
    {
        foreach (var name in _faults.Where(static f => SegmentFaultException.FaultOf(f.Value) == SegmentFault.Inaccessible).Select(static f => f.Key).ToArray())
        {
            _faults.Remove(name);
            if (!Path.Exists(factory.PathOf(name)))
            {
                catalog.Unmark(name.ToString());
            }
            else if (TryDescribe(name) is { } described)
            {
                catalog.Unmark(name.ToString());
                Add(name, described, isStart);
            }
            else
            {
                Settle(name, _faults[name]);
            }
        }
    }

    // Its indexes in memory are not rebuilt: its rows are found when it is sealed.
    private void Add(SegmentName name, in SegmentDescription described, bool isStart)
    {
        var segment = factory.AddOlder(name, described);
        if (!isStart && (segment.State != SegmentState.Sealed || !segment.Readers.IsImmutable))
        {
            sealing.Enqueue(segment, connection: null);
        }

        LogUsable(log, segment.Path);
    }

    private SegmentDescription? TryDescribe(SegmentName name)
    {
        try
        {
            return factory.Describe(name);
        }
        catch (SqliteException e)
        {
            _faults[name] = e;
            return null;
        }
    }

    private static bool MayBeAppendedTo(in SegmentDescription described) =>
        !described.IsSealed && !described.IsImmutable && described.WrittenFormat == SegmentDescription.Format;

    // What only a look can tell apart comes first: a folder can't be opened either.
    private void Settle(SegmentName name, SqliteException error)
    {
        var path = factory.PathOf(name);
        var fault = Directory.Exists(path) ? SegmentFault.Foreign : SegmentFaultException.FaultOf(error);
        switch (fault)
        {
            case SegmentFault.CutShort:
                _faults.Remove(name);
                Remove(path);
                break;
            case SegmentFault.Damaged when TrySave(name, error):
                _faults.Remove(name);
                break;
            default:
                if (Mark(name, fault, error.Message))
                {
                    LogLeftAlone(log, path, SystemError.Explain(error, path));
                }

                break;
        }
    }

    private void Remove(string path)
    {
        if (SegmentFile.TryDelete(path))
        {
            LogRemoved(log, path);
        }
        else
        {
            LogNotRemoved(log, path);
        }
    }

    private bool TrySave(SegmentName name, SqliteException error)
    {
        try
        {
            salvager.SaveUnlisted(name, error.Message);
            return true;
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private bool Mark(SegmentName name, SegmentFault fault, string error)
    {
        var times = TimesOf(name, _faults.GetValueOrDefault(name));
        return catalog.Mark(new UnreadableFile(
            name.ToString(), SegmentFaultException.ReasonOf(fault), error, times.From, times.To, 0, Timestamps.ToNanos(clock.GetUtcNow())));
    }

    // As far as its meta row can be read; else between its neighbours; else until it was last written to.
    private (ulong From, ulong To) TimesOf(SegmentName name, SqliteException? error)
    {
        if (error is SegmentFaultException { Times: { } known })
        {
            return known;
        }

        var before = catalog.Segments.LastOrDefault(s => s.Name.Number < name.Number && s.Rows > 0);
        var after = catalog.Segments.FirstOrDefault(s => s.Name.Number > name.Number);
        // Of a link into nothing it is a time before 1970.
        var at = File.GetLastWriteTimeUtc(factory.PathOf(name));
        var written = at > DateTime.UnixEpoch ? Timestamps.ToNanos(new DateTimeOffset(at, TimeSpan.Zero)) : 0;
        var to = after?.CreatedNanos ?? (_newestCreated > 0 ? _newestCreated : Math.Max(written, before?.LastArrivalNanos ?? 0));
        return (Math.Min(before?.LastArrivalNanos ?? written, to), to);
    }

    // Folders and dead links too: they are in the way of a segment of that number.
    private static IEnumerable<SegmentName> NamesIn(string folder)
    {
        var names = new List<SegmentName>();
        foreach (var path in Directory.EnumerateFileSystemEntries(folder))
        {
            if (SegmentName.TryParse(Path.GetFileName(path.AsSpan()), out var name))
            {
                names.Add(name);
            }
        }

        return names.Order();
    }

    [LoggerMessage(LogLevel.Error, "{Path} is left alone, and its rows are missing from answers: {Error}")]
    private static partial void LogLeftAlone(ILogger log, string path, string error);

    [LoggerMessage(LogLevel.Information, "{Path} can be read now")]
    private static partial void LogUsable(ILogger log, string path);

    [LoggerMessage(LogLevel.Warning, "{Path} is removed: its creation was cut short before anything was stored in it")]
    private static partial void LogRemoved(ILogger log, string path);

    [LoggerMessage(LogLevel.Error, "{Path}, whose creation was cut short, can't be removed; it holds nothing")]
    private static partial void LogNotRemoved(ILogger log, string path);
}
