using System.Globalization;

namespace Collector.Storage;

/// <summary>How many files a process may have open: each connection, each file of the store and each library is one.</summary>
internal static class FileHandles
{
    /// <summary>
    /// What Collector should have at least: some 200 are the runtime's and its libraries', 100 the store's idle readers and
    /// open segments, and each connection of a producer or a browser takes one.
    /// </summary>
    public const long Few = 1_024;

    /// <summary>How an operator gives it more.</summary>
    public const string Advice = "ulimit -n, LimitNOFILE= of systemd, or --ulimit nofile= of Docker raises their number";

    private const string OpenFiles = "Max open files";

    /// <summary>The bound of a process; null where nobody can say.</summary>
    /// <param name="process">Its number, or <c>self</c>.</param>
    public static long? BoundOf(string process)
    {
        try
        {
            var line = File.ReadLines($"/proc/{process}/limits").FirstOrDefault(static line => line.StartsWith(OpenFiles, StringComparison.Ordinal));
            var soft = line?[OpenFiles.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
            return soft == "unlimited" ? long.MaxValue
                : long.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out var bound) ? bound
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
