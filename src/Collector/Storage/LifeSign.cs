namespace Collector.Storage;

/// <summary>
/// A file of the data folder whose time says when Collector last ran on it, so that the next start knows for how long nothing
/// could be received. Renewed every ten seconds, without a sync: a kill costs that much precision, and the newest row narrows it.
/// </summary>
internal sealed class LifeSign(string folder, TimeProvider clock) : IDisposable
{
    private const string Name = "collector.alive";

    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(10);

    private readonly string _path = Path.Combine(folder, Name);
    private ITimer? _timer;

    /// <summary>When Collector last ran on the folder, nanoseconds since 1970; null where nobody knows. Does not throw.</summary>
    public ulong? ReadLast()
    {
        try
        {
            var file = new FileInfo(_path);
            return file.Exists ? Model.Timestamps.ToNanos(new DateTimeOffset(file.LastWriteTimeUtc)) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>From now on it is running.</summary>
    public void Start() => _timer = clock.CreateTimer(static self => ((LifeSign)self!).Renew(), this, TimeSpan.Zero, _interval);

    /// <summary>It stops running now.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _timer, null) is { } timer)
        {
            timer.Dispose();
            Renew();
        }
    }

    private void Renew()
    {
        try
        {
            if (!File.Exists(_path))
            {
                File.WriteAllBytes(_path, []);
            }

            File.SetLastWriteTimeUtc(_path, clock.GetUtcNow().UtcDateTime);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or OutOfMemoryException)
        {
            // A folder that can't be written to is the store's to say; the gap of the next start is longer then.
        }
    }
}
