using System.Diagnostics;
using System.Globalization;

namespace Collector.Tests.Support;

/// <summary>A folder with a package.json, whose packages are installed as its lock file says, once.</summary>
internal sealed class NodePackage(string folder)
{
    private const int OldestNode = 20;

    private static readonly TimeSpan _timeout = TimeSpan.FromMinutes(5);
    private static readonly SemaphoreSlim _installing = new(1);

    /// <summary>Null where Node.js can be used, else what is missing.</summary>
    public static string? MissingNode { get; } = FindMissing();

    /// <summary>Runs <c>npm run NAME</c> to its end; returns its output, and throws where it failed.</summary>
    public async Task<string> RunScriptAsync(string name)
    {
        await InstallAsync();
        return await ToEndAsync(Start("npm", "run", name));
    }

    /// <summary>Starts a script of the package. Closing its input asks it to end.</summary>
    public async Task<Process> StartAsync(params string[] arguments)
    {
        await RunScriptAsync("build");
        return Start("node", arguments);
    }

    // npm leaves a copy of the lock file's contents behind when it has installed them.
    private async Task InstallAsync()
    {
        await _installing.WaitAsync();
        try
        {
            var installed = new FileInfo(Path.Combine(folder, "node_modules", ".package-lock.json"));
            if (!installed.Exists || installed.LastWriteTimeUtc < File.GetLastWriteTimeUtc(Path.Combine(folder, "package-lock.json")))
            {
                await ToEndAsync(Start("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"));
            }
        }
        finally
        {
            _installing.Release();
        }
    }

    private Process Start(string program, params string[] arguments) => Process.Start(new ProcessStartInfo(program, arguments)
    {
        WorkingDirectory = folder,
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        Environment = { ["NO_COLOR"] = "1", ["CI"] = "true" },
    })!;

    private static async Task<string> ToEndAsync(Process process)
    {
        using (process)
        using (var timeout = new CancellationTokenSource(_timeout))
        {
            var error = process.StandardError.ReadToEndAsync(timeout.Token);
            var output = await process.StandardOutput.ReadToEndAsync(timeout.Token);
            await process.WaitForExitAsync(timeout.Token);
            process.ExitCode.ShouldBe(0, $"{process.StartInfo.FileName} {string.Join(' ', process.StartInfo.ArgumentList)}:\n{output}\n{await error}");
            return output;
        }
    }

    private static string? FindMissing()
    {
        const string needed = "Node.js 20 or newer with npm is missing; this test of tail events is left out";
        try
        {
            using var process = Process.Start(new ProcessStartInfo("node", ["--version"]) { RedirectStandardOutput = true })!;
            var version = process.StandardOutput.ReadToEnd().Trim().TrimStart('v').Split('.')[0];
            process.WaitForExit();
            return int.Parse(version, CultureInfo.InvariantCulture) >= OldestNode ? null : needed;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return needed;
        }
    }
}
