using System.Diagnostics;
using Collector.Tests.Support;

namespace Collector.Tests.Faults.Real;

/// <summary>
/// An ext4 of its own in an image that has not the room it promises: what is written is taken by the file system, and the
/// sync finds that there is no place for it. Needs the right to mount.
/// </summary>
internal sealed class ThinDisk : IAsyncDisposable
{
    private readonly SmallDisk _below;
    private readonly string _mount = Directory.CreateTempSubdirectory("collector-thin-").FullName;

    private ThinDisk(SmallDisk below) => _below = below;

    /// <summary>The file system's root.</summary>
    public string Path => _mount;

    private string Image => System.IO.Path.Combine(_below.Path, "image");

    private string Filler => System.IO.Path.Combine(_below.Path, "filler");

    /// <summary>Null where mounting is not allowed.</summary>
    /// <param name="megabytes">What there is; the file system believes that it has four times as much.</param>
    public static async Task<ThinDisk?> TryMountAsync(int megabytes)
    {
        if (await SmallDisk.TryMountAsync(megabytes) is not { } below)
        {
            return null;
        }

        var disk = new ThinDisk(below);
        await using (var image = File.Create(disk.Image))
        {
            image.SetLength((long)megabytes << 22);
        }

        if (await RunAsync("mkfs.ext4", "-q", disk.Image) && await disk.TryMountAsync())
        {
            return disk;
        }

        await disk.DisposeAsync();
        return null;
    }

    /// <summary>Nothing more has a place.</summary>
    public Task FillAsync() => DiskFilling.FillAsync(Filler, leave: 0);

    /// <summary>There is room again, and what the kernel still remembered of the disk is forgotten.</summary>
    public async Task EaseAsync()
    {
        await RunAsync("umount", _mount);
        File.Delete(Filler);
        (await TryMountAsync()).ShouldBeTrue("it can't be mounted again");
    }

    public async ValueTask DisposeAsync()
    {
        await RunAsync("umount", "-l", _mount);
        Directory.Delete(_mount);
        await _below.DisposeAsync();
    }

    private Task<bool> TryMountAsync() => RunAsync("mount", "-o", "loop", Image, _mount);

    private static async Task<bool> RunAsync(string command, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            await process.WaitForExitAsync();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}

/// <summary>Takes a disk's room away.</summary>
internal static class DiskFilling
{
    /// <param name="filler">A file on the disk.</param>
    /// <param name="leave">Bytes that stay free.</param>
    public static async Task FillAsync(string filler, long leave)
    {
        var piece = new byte[1 << 16];
        await using var file = new FileStream(filler, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        var free = new DriveInfo(Path.GetDirectoryName(filler)!).AvailableFreeSpace - leave;
        try
        {
            for (var written = 0L; written < free; written += piece.Length)
            {
                await file.WriteAsync(piece.AsMemory(0, (int)Math.Min(piece.Length, free - written)));
            }
        }
        catch (IOException)
        {
            // Full: somebody else was faster.
        }
    }
}
