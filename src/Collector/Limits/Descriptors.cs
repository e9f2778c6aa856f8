using System.Runtime.InteropServices;

namespace Collector.Limits;

/// <summary>How many files and connections the process may have open at this moment.</summary>
internal static partial class Descriptors
{
    // Of the runtime, its libraries and the store: some 230 are open when nothing happens.
    private const int Kept = 256;

    // Which connections leave even where they, or the store, took more than they should.
    private const int Margin = 64;

    // More connections than this are more than their 10 KB each should take.
    private const int MostConnections = 10_000;

    private const int FewestConnections = 16;

    // RLIMIT_NOFILE.
    private static readonly int _resource = OperatingSystem.IsMacOS() ? 8 : 7;

    /// <summary>The bound in force, which may be changed while the process runs; a very large number where there is none.</summary>
    public static long Bound =>
        !OperatingSystem.IsWindows() && GetLimit(_resource, out var limit) == 0 && limit.Soft < long.MaxValue ? (long)limit.Soft : long.MaxValue;

    /// <summary>Connections that leave enough for all else.</summary>
    public static int ForConnections(long bound) => (int)Math.Clamp(
        bound - Kept - MarginOf(bound), Math.Clamp(bound / 8, 1, FewestConnections), MostConnections);

    /// <summary>
    /// Whether hardly any is left when this one was given: numbers are given from below. The runtime itself dies when it
    /// can't open a file.
    /// </summary>
    public static bool AreScarce(long given, long bound) => given >= bound - MarginOf(bound);

    private static long MarginOf(long bound) => Math.Min(Margin, bound / 8);

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, out Limit limit);

    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        public ulong Soft;
        public ulong Hard;
    }
}
