using System.Runtime.InteropServices;

namespace Collector.Storage.Sqlite.Sealing;

/// <summary>Memory that native code (SQLite, compression, TLS) has freed, but the C library keeps for later.</summary>
internal static partial class NativeHeap
{
    private static readonly bool _canTrim = OperatingSystem.IsLinux()
        && NativeLibrary.TryLoad("libc.so.6", out var libc) && NativeLibrary.TryGetExport(libc, "malloc_trim", out _);

    /// <summary>Gives it back, where the C library is one that can: after a segment's sealing, 10 to 20 MB.</summary>
    public static void Trim()
    {
        if (_canTrim)
        {
            _ = MallocTrim(0);
        }
    }

    [LibraryImport("libc.so.6", EntryPoint = "malloc_trim")]
    private static partial int MallocTrim(nuint keep);
}
