using Collector.Tests.Support;

namespace Collector.Tests.Faults.Real;

/// <summary>Lives on disks that become full, with room again before the last start. Null where mounting is not allowed.</summary>
internal static class Disks
{
    /// <summary>The store's disk, a tmpfs, has so many bytes left when the next segment is due.</summary>
    public static async Task<LifeFigures?> FullAsync(int leave)
    {
        await using var disk = await SmallDisk.TryMountAsync(megabytes: 24);
        if (disk is null)
        {
            return null;
        }

        var (folder, filler) = (Path.Combine(disk.Path, "data"), Path.Combine(disk.Path, "filler"));
        Directory.CreateDirectory(folder);
        return await new RealLife
        {
            Requests = 12,
            Meanwhile = _ => DiskFilling.FillAsync(filler, leave),
            Between = _ =>
            {
                File.Delete(filler);
                return Task.CompletedTask;
            },
        }.RunAsync(folder);
    }

    /// <summary>The disk promised more than it has: the sync finds out.</summary>
    /// <param name="hasStore">The store is on it.</param>
    /// <param name="hasSpool">The spool is on it.</param>
    public static async Task<LifeFigures?> ThinAsync(bool hasStore, bool hasSpool)
    {
        await using var disk = await ThinDisk.TryMountAsync(megabytes: 48);
        if (disk is null)
        {
            return null;
        }

        using var elsewhere = new TemporaryFolder();
        var folder = Path.Combine(hasStore ? disk.Path : elsewhere.Path, "data");
        var spool = Path.Combine(hasSpool ? disk.Path : elsewhere.Path, "spool");
        Directory.CreateDirectory(folder);
        return await new RealLife
        {
            Requests = 12,
            Padding = 500,
            UsesSpool = !hasStore,
            Settings = [$"--Spool:Path={spool}"],
            Meanwhile = _ => disk.FillAsync(),
            Between = _ => disk.EaseAsync(),
        }.RunAsync(folder);
    }
}
