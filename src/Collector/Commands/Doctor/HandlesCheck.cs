using System.Globalization;
using Collector.Limits;
using Collector.Storage;

namespace Collector.Commands.Doctor;

/// <summary>Whether a Collector may open as many files and connections as it needs.</summary>
internal static class HandlesCheck
{
    private const string Topic = "handles";

    /// <param name="folder">The data folder; it says which process runs on it.</param>
    /// <param name="isRunning">One does.</param>
    /// <param name="connections">What Limits:Connections says.</param>
    public static IEnumerable<Finding> Run(string folder, bool isRunning, int connections)
    {
        var running = isRunning ? PidIn(folder) : null;
        var whose = running is null ? "here" : $"for process {running}";
        if (FileHandles.BoundOf(running ?? "self") is not { } bound)
        {
            yield break;
        }

        yield return bound < FileHandles.Few
            ? Finding.Warn(Topic, $"only {bound} open files are allowed {whose}, and each connection is one: {FileHandles.Advice}")
            : Finding.Ok(Topic, $"{(bound == long.MaxValue ? "any number of" : bound.ToString(CultureInfo.InvariantCulture))} open files are allowed {whose}");
        if (connections > Descriptors.ForConnections(bound) && connections > bound / 2)
        {
            yield return Finding.Warn(
                Topic, $"Limits:Connections is {connections}: with them open, hardly a file is left of {bound}, and accepting would pause before");
        }
    }

    private static string? PidIn(string folder)
    {
        try
        {
            return int.TryParse(File.ReadAllText(Path.Combine(folder, "collector.pid")), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
                ? pid.ToString(CultureInfo.InvariantCulture) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
