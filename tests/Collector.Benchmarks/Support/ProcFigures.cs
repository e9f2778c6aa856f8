using System.Globalization;

namespace Collector.Benchmarks.Support;

/// <summary>What the kernel knows of a process.</summary>
internal readonly record struct ProcFigures(int Id)
{
    // sysconf(_SC_CLK_TCK) of every Linux that .NET runs on.
    private const double TicksPerSecond = 100;

    /// <summary>User and kernel time of all its threads, in seconds.</summary>
    public double CpuSeconds
    {
        get
        {
            // The second field, the name, may hold spaces; utime and stime are the 14th and 15th.
            var text = File.ReadAllText($"/proc/{Id}/stat");
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return (Number(fields[11]) + Number(fields[12])) / TicksPerSecond;
        }
    }

    /// <summary>Resident memory now, in MB (10^6 bytes).</summary>
    public double ResidentMegabytes
    {
        get
        {
            var line = File.ReadLines($"/proc/{Id}/status").First(static l => l.StartsWith("VmRSS", StringComparison.Ordinal));
            return Number(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) * 1024.0 / 1_000_000;
        }
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
