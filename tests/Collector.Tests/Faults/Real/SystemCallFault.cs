using Collector.Tests.Support;

namespace Collector.Tests.Faults.Real;

/// <summary>A system call on one of the data folder's files that fails, or at which the process is killed.</summary>
/// <param name="File">Below the data folder.</param>
/// <param name="Call">Of the kernel.</param>
/// <param name="Effect">In strace's words.</param>
/// <param name="When">In strace's words.</param>
internal sealed record SystemCallFault(string File, string Call, string Effect, string When)
{
    private static readonly string[] _calls = ["fsync", "fdatasync", "pwrite64", "ftruncate", "openat"];

    // The first is hot, the second is begun when that is full, while that is sealed.
    private static readonly string[] _files =
    [
        "segment-000001.db", "segment-000001.db-wal", "segment-000001.db-shm", "segment-000001.db-journal",
        "segment-000002.db", "segment-000002.db-wal", "segment-000002.db-shm", "segment-000002.db-journal",
        "spool/spool.db", "spool/spool.db-wal", "spool/spool.db-shm", "spool/spool-000001.bin",
        "collector.lock", "collector.pid", "",
    ];

    /// <summary>For the table: kind of call and of file.</summary>
    public string Name =>
        $"{Effect.Split('=')[1]} at {Call} of {(File.Length == 0 ? "the folder" : File)}";

    /// <summary>Every call of every file, with either error, for once and for ever.</summary>
    public static IEnumerable<SystemCallFault> Errors() =>
        from file in _files
        from call in _calls
        from error in new[] { "EIO", "ENOSPC" }
        from times in call == "openat" ? ["1+"] : new[] { "1..2", "2+" }
        select new SystemCallFault(file, call, $"error={error}", times);

    /// <summary>Every file and call at which a kill can come while a segment is made, filled and sealed.</summary>
    public static IEnumerable<SystemCallFault> Kills() =>
        from file in _files.Where(static file => file.StartsWith("segment", StringComparison.Ordinal) || file.Length == 0)
        from call in _calls.Append("unlink")
        select new SystemCallFault(file, call, "signal=SIGKILL", "1");

    public async Task<LifeFigures> RunAsync()
    {
        using var temporary = new TemporaryFolder();
        var (folder, trace) = (temporary.File("data"), temporary.File("trace"));
        Directory.CreateDirectory(folder);
        var life = new RealLife
        {
            Wrapping = Strace.On(Path.Combine(folder, File), Call, Effect, When, trace),
            UsesSpool = File.StartsWith("spool", StringComparison.Ordinal),
            Requests = 12,
        };
        var figures = await life.RunAsync(folder);
        // A call that is answered as ever, with a signal, is not marked in the trace.
        return figures with { IsMet = Strace.IsMet(trace) || (figures.HasDied && Effect.StartsWith("signal", StringComparison.Ordinal)) };
    }
}
