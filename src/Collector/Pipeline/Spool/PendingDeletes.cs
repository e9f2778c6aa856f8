namespace Collector.Pipeline.Spool;

/// <summary>
/// Takes files that are done with off the disk, again and again where that fails. Until it is gone a file takes its place
/// on the disk, and in the spool's bound.
/// </summary>
internal sealed partial class PendingDeletes(SpoolDisk disk, Quarantine rejects, ILogger log)
{
    private readonly List<SpoolFile> _files = [];

    /// <summary>Deletes a closed file, or sets it aside if it could not be read to its end. Does not throw.</summary>
    /// <returns>The bytes that are free now.</returns>
    public long Remove(SpoolFile file)
    {
        try
        {
            return TakeAway(file);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            _files.Add(file);
            FileLeft(file.Name.ToString(), failed);
            return 0;
        }
    }

    /// <summary>Tries again what has failed. Does not throw.</summary>
    /// <returns>The bytes that are free now.</returns>
    public long RemoveAgain()
    {
        var freed = 0L;
        try
        {
            for (; _files.Count > 0; _files.RemoveAt(0))
            {
                freed += TakeAway(_files[0]);
            }
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            // As before, and that was said.
        }

        return freed;
    }

    private long TakeAway(SpoolFile file)
    {
        if (file.IsReadable)
        {
            disk.Delete(file.Path);
        }
        else
        {
            rejects.Take(file.Path);
        }

        return file.Length;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The spool file {File} is done with and can't be deleted, which is tried again")]
    private partial void FileLeft(string file, Exception error);
}
