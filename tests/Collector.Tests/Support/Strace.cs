using System.Diagnostics;

namespace Collector.Tests.Support;

/// <summary>Runs a program whose system calls fail, or end it, when the test says so; needs strace and the right to trace.</summary>
internal static class Strace
{
    /// <summary>Why a test can't run here; else null.</summary>
    public static async Task<string?> WhyNotAsync()
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("strace", ["-o", "/dev/null", "true"]) { RedirectStandardError = true })!;
            await process.WaitForExitAsync();
            return process.ExitCode == 0 ? null : "Not tested: strace may not trace here.";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "Not tested: there is no strace here.";
        }
    }

    /// <summary>What stands before a command line, such as <c>fsync:error=EIO:when=2</c>.</summary>
    public static string[] Inject(string call, string fault) =>
        ["strace", "-f", "-o", "/dev/null", "-e", $"trace={call}", "-e", $"inject={call}:{fault}"];
}
