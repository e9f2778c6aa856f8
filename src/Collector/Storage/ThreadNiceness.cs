using System.Runtime.InteropServices;

namespace Collector.Storage;

/// <summary>Priority of the calling thread; .NET's own has no effect on Linux.</summary>
internal static partial class ThreadNiceness
{
    private const int ThisThread = 0;

    /// <summary>For short queries: their callers wait, but less urgently than producers for an acknowledgement.</summary>
    public const int Lookups = 5;

    /// <summary>For long queries: they take what the others leave.</summary>
    public const int Searches = 19;

    /// <summary>Lets other threads go first. It has no effect on a system that does not know it.</summary>
    public static void Lower(int niceness)
    {
        if (OperatingSystem.IsLinux())
        {
            // Of a thread, not of the process, on Linux; a refusal costs nothing but the courtesy.
            _ = SetPriority(0, ThisThread, niceness);
        }
        else
        {
            Thread.CurrentThread.Priority = ThreadPriority.BelowNormal;
        }
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, int who, int priority);
}
