using Collector.Storage;

namespace Collector.Pipeline.Spool;

/// <summary>
/// The spool's files, as one line of entries: appended at the end, read from the front, files deleted once all of their
/// entries are done. One thread at a time.
/// </summary>
internal sealed partial class SpoolFolder : IDisposable
{
    // Small enough that space comes free while a long line is replayed.
    private const long FileBytes = 16 << 20;

    private readonly SpoolOptions _options;
    private readonly SpoolDisk _disk;
    private readonly Quarantine _rejects;
    private readonly ILogger _log;
    private readonly FolderLock _lock;
    private readonly LinkedList<SpoolFile> _files = new();
    private readonly PendingDeletes _leftovers;
    private SpoolFileName _last;

    // The last file is this process's: an earlier one's is never appended to, since its tail may be torn.
    private bool _isOwn;

    private SpoolFolder(SpoolOptions options, FolderLock held, SpoolDisk disk, ILogger log)
    {
        _options = options;
        _lock = held;
        _disk = disk;
        _log = log;
        _rejects = new Quarantine(options.Path, log);
        _leftovers = new PendingDeletes(disk, _rejects, log);
    }

    /// <summary>Bytes of all files.</summary>
    public long Bytes { get; private set; }

    /// <summary>Torn tails that were cut off, since the start.</summary>
    public int TornTails { get; private set; }

    /// <summary>Entries set aside, since the start.</summary>
    public int SetAside => _rejects.Count;

    /// <exception cref="SpoolInUseException">Another process has it; nothing was touched.</exception>
    /// <exception cref="IOException">The folder can't be made or read.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder belongs to somebody else.</exception>
    public static SpoolFolder Open(SpoolOptions options, ILogger log, SpoolDisk? disk = null)
    {
        var folder = new SpoolFolder(options, SpoolLock.Take(options.Path), disk ?? new SpoolDisk(), log);
        try
        {
            foreach (var name in SpoolFileName.In(options.Path))
            {
                folder.Adopt(SpoolFile.Open(options.Path, name, folder._disk));
            }

            return folder;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Appends entries (heads included), synced when this returns; false, and nothing added, where the bound is reached
    /// or the disk does not take them.
    /// </summary>
    public bool TryAppend(ReadOnlySpan<byte> entries, out string? error)
    {
        if (!HasRoomFor(entries.Length, out error))
        {
            return false;
        }

        try
        {
            if (_files.Last is not { } last || last.Value.Length + entries.Length > FileBytes || !_isOwn)
            {
                Add(SpoolFile.Create(_options.Path, _last.Next, _disk));
                _isOwn = true;
            }

            _files.Last!.Value.Append(entries);
            Bytes += entries.Length;
            return true;
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            error = failed.Message;
            return false;
        }
    }

    /// <summary>Whether the bound allows entries of this length together; else the error says so.</summary>
    public bool HasRoomFor(long length, out string? error)
    {
        error = length > SpoolFile.MaxEntry ? $"{length} bytes at once are more than it takes"
            : Bytes + length > _options.MaxBytes ? $"the spool is full (Spool:MaxBytes is {_options.MaxBytes})"
            : null;
        return error is null;
    }

    public SpoolPosition First => _files.First is { } file ? new SpoolPosition(file.Value.Name, SpoolFile.FirstEntry) : default;

    /// <summary>
    /// The next whole entry at or behind a position, which moves behind it; null at the end. Torn tails are cut, damaged
    /// entries set aside on the way, and where the disk fails the rest of that file. Does not throw.
    /// </summary>
    public byte[]? ReadNext(ref SpoolPosition position)
    {
        while (FileAtOrBehind(position.File) is { } file)
        {
            position = file.Name == position.File ? position : new SpoolPosition(file.Name, SpoolFile.FirstEntry);
            var reading = Read(file, position);
            switch (reading.Kind)
            {
                case SpoolReadingKind.Whole:
                    position = position with { Offset = position.Offset + reading.EntryLength };
                    return reading.Payload;
                case SpoolReadingKind.Damaged:
                case SpoolReadingKind.Torn:
                    PassDamage(file, ref position, reading);
                    break;
                default:
                    if (file == _files.Last!.Value)
                    {
                        return null;
                    }

                    position = new SpoolPosition(file.Name.Next, SpoolFile.FirstEntry);
                    break;
            }
        }

        return null;
    }

    /// <summary>Deletes every file that lies wholly before the position.</summary>
    public void Done(SpoolPosition position)
    {
        while (_files.First is { } first
            && (first.Value.Name.CompareTo(position.File) < 0
                || (first.Value.Name == position.File && position.Offset >= first.Value.ReadableTo)))
        {
            Remove(first.Value);
        }
    }

    /// <summary>Keeps an entry that nobody can use where a person can look at it.</summary>
    public void Reject(SpoolFileName file, long offset, ReadOnlySpan<byte> payload, string reason)
    {
        var position = new SpoolPosition(file, offset);
        if (_rejects.TryAdd(position, reason))
        {
            _rejects.KeepCopy(position, payload, reason);
        }
    }

    /// <summary>Tries again to delete what is done with. Does not throw.</summary>
    public void TidyUp() => Bytes -= _leftovers.RemoveAgain();

    public void Dispose()
    {
        foreach (var file in _files)
        {
            file.Dispose();
        }

        _lock.Dispose();
    }

    // A file that does not begin as one was cut off before its first entry, or is not ours.
    private void Adopt(SpoolFile file)
    {
        Add(file);
        try
        {
            if (file.HasMagic())
            {
                return;
            }

            SetRestAside(file, 0, "it does not begin as a spool file of this version");
        }
        catch (IOException error)
        {
            SetRestAside(file, 0, error.Message);
        }

        Remove(file);
    }

    private SpoolReading Read(SpoolFile file, SpoolPosition position)
    {
        try
        {
            return file.Read(position.Offset);
        }
        catch (IOException error)
        {
            SetRestAside(file, position.Offset, error.Message);
            return SpoolReading.End;
        }
    }

    // Its entries so far may still be under way, or come again: the file leaves when they are done.
    private void SetRestAside(SpoolFile file, long offset, string reason)
    {
        _rejects.TryAdd(new SpoolPosition(file.Name, offset), reason);
        file.StopAt(offset);
        _isOwn &= file != _files.Last?.Value;
    }

    private void Remove(SpoolFile file)
    {
        file.Dispose();
        _files.Remove(file);
        _isOwn &= _files.Count > 0;
        Bytes -= _leftovers.Remove(file);
    }

    private void Add(SpoolFile file)
    {
        _files.AddLast(file);
        _last = file.Name;
        Bytes += file.Length;
    }

    private SpoolFile? FileAtOrBehind(SpoolFileName name)
    {
        foreach (var file in _files)
        {
            if (file.Name.CompareTo(name) >= 0)
            {
                return file;
            }
        }

        return null;
    }

    // A damaged length looks like a torn tail, or like a larger entry: what is behind it was acknowledged, so it is looked for.
    private void PassDamage(SpoolFile file, ref SpoolPosition position, SpoolReading reading)
    {
        try
        {
            var tail = file.ReadFrom(position.Offset);
            var next = SpoolTail.NextEntry(tail);
            if (reading.Kind == SpoolReadingKind.Damaged && (next < 0 || next >= reading.EntryLength))
            {
                Reject(file.Name, position.Offset, reading.Payload, "its checksum is wrong");
                position = position with { Offset = position.Offset + reading.EntryLength };
            }
            else if (next > 0)
            {
                Reject(file.Name, position.Offset, tail.AsSpan(0, next), "its length is wrong");
                position = position with { Offset = position.Offset + next };
            }
            else
            {
                CutTail(file, position.Offset, tail);
            }
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            SetRestAside(file, position.Offset, $"it is damaged there, and can't be read or cut: {failed.Message}");
        }
    }

    // At the end of the last file it is a write that never finished, and was never acknowledged.
    private void CutTail(SpoolFile file, long offset, byte[] tail)
    {
        if (file == _files.Last!.Value)
        {
            _rejects.KeepCopy(new SpoolPosition(file.Name, offset), tail, "from here on it is torn");
        }
        else
        {
            Reject(file.Name, offset, tail, "from here on it is damaged, though it is not the last file");
        }

        var bytes = file.Length - offset;
        file.Cut(offset);
        Bytes -= bytes;
        TornTails++;
        TailCut(file.Name.ToString(), bytes, offset);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The spool file {File} had a torn tail of {Bytes} bytes at {Offset}, which is cut off")]
    private partial void TailCut(string file, long bytes, long offset);
}
