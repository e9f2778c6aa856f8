using Collector.Storage;

namespace Collector.Commands.Doctor;

/// <summary>Whether a folder can be written, how long an fsync takes there, and how much room there is.</summary>
internal static class DiskCheck
{
    private const long LittleRoom = 1L << 30;
    private const long NoRoom = 64L << 20;
    private const int Syncs = 20;

    // A commit waits for one: at 20 ms a producer that sends one request after the other gets 50 answers a second.
    private static readonly TimeSpan _slow = TimeSpan.FromMilliseconds(20);

    public static IEnumerable<Finding> Run(string topic, string folder, CommandContext context)
    {
        var existing = Existing(folder);
        var where = existing == folder ? folder : $"{folder} (not there yet; looked at {existing})";
        var findings = new List<Finding>();
        try
        {
            findings.Add(Room(topic, where, new DriveInfo(existing).AvailableFreeSpace));
            findings.Add(Sync(topic, existing, context.Clock));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            findings.Add(Finding.Fail(topic, $"{where} can't be written: {e.Message}"));
        }

        return findings;
    }

    private static string Existing(string folder)
    {
        while (!Directory.Exists(folder) && Path.GetDirectoryName(folder) is { } parent)
        {
            folder = parent;
        }

        return folder;
    }

    private static Finding Room(string topic, string where, long bytes) => bytes switch
    {
        < NoRoom => Finding.Fail(topic, $"{where}: {ByteText.Of(bytes)} free"),
        < LittleRoom => Finding.Warn(topic, $"{where}: {ByteText.Of(bytes)} free"),
        _ => Finding.Ok(topic, $"{where}: {ByteText.Of(bytes)} free"),
    };

    private static Finding Sync(string topic, string folder, TimeProvider clock)
    {
        var path = Path.Combine(folder, $".collector-doctor-{Guid.NewGuid():n}");
        var took = new List<TimeSpan>();
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            BufferSize = 0,
            Options = FileOptions.DeleteOnClose,
        };
        using (var file = new FileStream(path, options))
        {
            var page = new byte[4096];
            for (var i = 0; i < Syncs; i++)
            {
                file.Write(page);
                var since = clock.GetTimestamp();
                FileSync.Default.SyncFile(file.SafeFileHandle, path);
                took.Add(clock.GetElapsedTime(since));
            }
        }

        took.Sort();
        var median = LogText.Duration(took[Syncs / 2].TotalMilliseconds);
        var longest = LogText.Duration(took[^1].TotalMilliseconds);
        var text = (FormattableString)$"fsync of 4 KiB: median {median}, longest {longest} of {Syncs}";
        return took[Syncs / 2] > _slow ? Finding.Warn(topic, text) : Finding.Ok(topic, text);
    }
}
