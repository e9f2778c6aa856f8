namespace Collector.Pipeline.Spool;

/// <summary>Keeps what nobody can use where a person can look at it: the folder <c>rejected</c> below the spool's.</summary>
internal sealed partial class Quarantine(string spool, ILogger log)
{
    private readonly string _folder = Path.Combine(spool, "rejected");

    // Passed again on the way to others; reported once.
    private readonly HashSet<SpoolPosition> _known = [];

    /// <summary>Entries, and ends of files, that were set aside since the start.</summary>
    public int Count => _known.Count;

    /// <summary>Counts what is set aside and says so; false where that was done before. Does not throw.</summary>
    public bool TryAdd(SpoolPosition position, string reason)
    {
        if (!_known.Add(position))
        {
            return false;
        }

        EntrySetAside(position.File.ToString(), position.Offset, reason);
        return true;
    }

    /// <summary>Does not throw.</summary>
    public void KeepCopy(SpoolPosition position, ReadOnlySpan<byte> bytes, string reason)
    {
        try
        {
            Directory.CreateDirectory(_folder);
            var name = Path.Combine(_folder, $"{position.File}-{position.Offset}");
            File.WriteAllBytes(name + ".entry", bytes);
            File.WriteAllText(name + ".reason.txt", reason + "\n");
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            EntryLost(position.File.ToString(), position.Offset, failed);
        }
    }

    /// <summary>Takes a whole file out of the spool, that could not be read to its end: somebody else may be able to.</summary>
    /// <exception cref="IOException">It could not be moved.</exception>
    /// <exception cref="UnauthorizedAccessException">It could not be moved.</exception>
    public void Take(string path)
    {
        Directory.CreateDirectory(_folder);
        File.Move(path, Path.Combine(_folder, Path.GetFileName(path)), overwrite: true);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The entry at {Offset} of the spool file {File} is set aside in spool/rejected: {Reason}")]
    private partial void EntrySetAside(string file, long offset, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "The entry at {Offset} of the spool file {File} could not even be set aside")]
    private partial void EntryLost(string file, long offset, Exception error);
}
