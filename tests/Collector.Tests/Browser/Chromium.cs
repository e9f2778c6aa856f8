using System.Diagnostics;

namespace Collector.Tests.Browser;

/// <summary>Debian's browser. Installed by the first test that wants it, where that can be done.</summary>
internal static class Chromium
{
    public const string Executable = "/usr/bin/chromium";

    /// <summary>As root it has no sandbox; without the rest it asks its maker's servers for this and that.</summary>
    public static readonly string[] Arguments =
    [
        "--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run",
    ];

    private static readonly Lazy<string?> _whyNot = new(Install);

    /// <summary>Null where it can be used.</summary>
    public static string? WhyNot => _whyNot.Value;

    private static string? Install()
    {
        if (File.Exists(Executable))
        {
            return null;
        }

        const string Command = "apt-get update -qq && apt-get install -y -qq chromium";
        if (File.Exists("/usr/bin/apt-get") && Environment.UserName == "root")
        {
            using var install = Process.Start(new ProcessStartInfo("sh", ["-c", Command + " >/dev/null 2>&1"]));
            install!.WaitForExit(TimeSpan.FromMinutes(5));
        }

        return File.Exists(Executable) ? null : $"{Executable} is missing and could not be installed; as root: {Command}";
    }
}
