using System.Diagnostics;
using Collector.Tests.Support;

namespace Collector.Tests.Faults.Real;

/// <summary>Debian's <c>strace</c>: the kernel's answers to a process, changed on their way.</summary>
internal static class Strace
{
    private static readonly Lazy<bool> _isThere = new(TryRun);

    /// <summary>It is installed, and may trace here.</summary>
    public static bool IsThere => _isThere.Value;

    /// <summary>Runs what follows so that a system call on a file fails, or ends the process.</summary>
    /// <param name="path">Of the file, which need not exist yet; null: of all.</param>
    /// <param name="call">fsync, fdatasync, pwrite64, ftruncate, openat, unlink.</param>
    /// <param name="effect"><c>error=EIO</c> or <c>signal=SIGKILL</c>.</param>
    /// <param name="when">Which calls, counted for each thread: <c>2</c>, <c>1..4</c>, <c>3+</c>.</param>
    /// <param name="trace">Where the calls are written down.</param>
    public static Wrapping On(string? path, string call, string effect, string when, string trace) => new(
    [
        // The filter makes it faster, and strace 6.1 sends no signal where it has one.
        "strace", "-f", .. effect.StartsWith("signal", StringComparison.Ordinal) ? [] : new[] { "--seccomp-bpf" },
        "-qq", "-o", trace, .. path is null ? [] : new[] { "-P", path },
        "-e", $"trace={call}", "-e", $"inject={call}:{effect}:when={when}",
    ]);

    /// <summary>Whether a call was changed.</summary>
    public static bool IsMet(string trace) => File.Exists(trace) && File.ReadAllText(trace).Contains("(INJECTED)", StringComparison.Ordinal);

    private static bool TryRun()
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("strace", ["-f", "--seccomp-bpf", "-o", "/dev/null", "true"])
            {
                RedirectStandardError = true,
            })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}

/// <summary>A test that changes the kernel's answers.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class StraceFactAttribute : FactAttribute
{
    public StraceFactAttribute(bool isLong = false) =>
        Skip = !Strace.IsThere ? "needs strace, and the right to trace"
            : isLong && Environment.GetEnvironmentVariable("LONG_TESTS") is null ? "takes minutes; set LONG_TESTS=1" : null;
}
