using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Collector.Benchmarks.Support;

/// <summary>
/// Processes and folders that must not outlive this program. Each is ended by whoever began it; where a signal ends the
/// program in the middle, they are ended from here.
/// </summary>
internal static class Children
{
    private static readonly Lock _gate = new();
    private static readonly HashSet<Process> _processes = [];
    private static readonly HashSet<string> _folders = [];
    private static readonly List<PosixSignalRegistration> _registrations = [];

    /// <summary>Call it once, at the start.</summary>
    public static void EndWithThisProgram()
    {
        foreach (var signal in new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP })
        {
            _registrations.Add(PosixSignalRegistration.Create(signal, _ => EndAll()));
        }
    }

    public static void Add(Process process) => Locked(() => _processes.Add(process));

    public static void Remove(Process process) => Locked(() => _processes.Remove(process));

    public static void Add(string folder) => Locked(() => _folders.Add(folder));

    public static void Remove(string folder) => Locked(() => _folders.Remove(folder));

    private static void Locked(Action work)
    {
        lock (_gate)
        {
            work();
        }
    }

    private static void EndAll()
    {
        lock (_gate)
        {
            foreach (var process in _processes.Where(static p => !p.HasExited))
            {
                process.Kill(entireProcessTree: true);
                process.WaitForExit();
            }

            foreach (var folder in _folders.Where(Directory.Exists))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }
}
