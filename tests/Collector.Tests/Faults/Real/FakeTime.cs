using System.Diagnostics;
using Collector.Tests.Support;

namespace Collector.Tests.Faults.Real;

/// <summary>Debian's <c>libfaketime</c>: another wall clock for a process; its counter of time goes on as it is.</summary>
internal static class FakeTime
{
    private static readonly Lazy<string?> _library = new(Find);

    /// <summary>Where it is not installed, tests are skipped with a word.</summary>
    public static bool IsThere => _library.Value is not null;

    /// <param name="off">As faketime says it: <c>+8d</c>.</param>
    public static Wrapping Off(string off) => With(("FAKETIME", off));

    /// <param name="file">Holds how far the clock is off; may change.</param>
    public static Wrapping By(string file) => With(("FAKETIME_TIMESTAMP_FILE", file));

    private static Wrapping With((string Name, string Value) which) => new([])
    {
        Environment = new Dictionary<string, string>
        {
            ["LD_PRELOAD"] = _library.Value!,
            ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
            // Else every wait with a time limit ends at once, and a question with it.
            ["FAKETIME_FORCE_MONOTONIC_FIX"] = "0",
            ["FAKETIME_NO_CACHE"] = "1",
            [which.Name] = which.Value,
        },
    };

    // The package knows where its library is.
    private static string? Find()
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("dpkg", ["-L", "libfaketime"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var files = process.StandardOutput.ReadToEnd().Split('\n');
            process.WaitForExit();
            return files.FirstOrDefault(static file => file.EndsWith("libfaketimeMT.so.1", StringComparison.Ordinal));
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}

/// <summary>A test with another wall clock.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class FakeTimeTheoryAttribute : TheoryAttribute
{
    public FakeTimeTheoryAttribute(bool isLong = false) =>
        Skip = !FakeTime.IsThere ? "needs libfaketime"
            : isLong && Environment.GetEnvironmentVariable("LONG_TESTS") is null ? "takes minutes; set LONG_TESTS=1" : null;
}
