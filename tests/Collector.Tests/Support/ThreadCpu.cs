using System.Runtime.InteropServices;

namespace Collector.Tests.Support;

/// <summary>What the calling thread has used of the CPU, whatever else the machine does.</summary>
internal static partial class ThreadCpu
{
    private const int OfThisThread = 3;

    public static TimeSpan Now
    {
        get
        {
            var time = default(Time);
            GetTime(OfThisThread, ref time).ShouldBe(0);
            return TimeSpan.FromSeconds(time.Seconds) + TimeSpan.FromTicks(time.Nanoseconds / 100);
        }
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, ref Time time);

    private struct Time
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
