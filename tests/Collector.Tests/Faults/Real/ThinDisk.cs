using System.Diagnostics;
using System.Globalization;
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

        if (await RunAsync("mkfs.ext4", "-q", "-b", "4096", "-J", "size=4", "-E", "nodiscard", disk.Image)
            && await disk.TryPlaceJournalAsync() && await disk.TryMountAsync())
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
        (await RunAsync("umount", _mount)).ShouldBeTrue("somebody still uses it");
        File.Delete(Filler);
        (await TryMountAsync()).ShouldBeTrue("it can't be mounted again");
    }

    public async ValueTask DisposeAsync()
    {
        await RunAsync("umount", "--lazy", _mount);
        Directory.Delete(_mount);
        await _below.DisposeAsync();
    }

    // The journal has its place from the start, else it is the first that finds none, and all that is seen is a disk that
    // can't be written any more. Its blocks are written over with what they hold.
    private async Task<bool> TryPlaceJournalAsync()
    {
        if (await AskAsync("debugfs", "-R", "blocks <8>", Image) is not { } blocks)
        {
            return false;
        }

        await using var image = new FileStream(Image, FileMode.Open, FileAccess.ReadWrite);
        var content = new byte[4096];
        foreach (var block in blocks.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries))
        {
            image.Position = long.Parse(block, CultureInfo.InvariantCulture) * content.Length;
            await image.ReadExactlyAsync(content);
            image.Position -= content.Length;
            await image.WriteAsync(content);
        }

        return true;
    }

    // Requests are of one page: of a larger one the kernel's loop device writes what has a place, and calls all of it
    // written. That is a disk that lies to its sync, against which nobody can promise anything; this one shall tell.
    private async Task<bool> TryMountAsync()
    {
        if (!await RunAsync("mount", "-o", "loop", Image, _mount)
            || await AskAsync("findmnt", "--noheadings", "--output", "SOURCE", _mount) is not { } device)
        {
            return false;
        }

        await File.WriteAllTextAsync($"/sys/block/{System.IO.Path.GetFileName(device.Trim())}/queue/max_sectors_kb", "4");
        return true;
    }

    private static async Task<bool> RunAsync(string command, params string[] arguments) => await AskAsync(command, arguments) is not null;

    // What it prints; null where it fails or is not there.
    private static async Task<string?> AskAsync(string command, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(command, arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var output = process.StandardOutput.ReadToEndAsync();
            var errors = process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            await errors;
            return process.ExitCode == 0 ? await output : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
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
