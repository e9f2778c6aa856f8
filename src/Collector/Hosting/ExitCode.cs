namespace Collector.Hosting;

/// <summary>What the process ends with, for scripts and service managers.</summary>
internal static class ExitCode
{
    public const int Ok = 0;

    /// <summary>It could not start or had to stop, or a command failed; the log or standard error says why.</summary>
    public const int Failed = 1;

    /// <summary>Settings or the command line are wrong; all mistakes are on standard error.</summary>
    public const int BadSettings = 2;

    /// <summary>It stopped, and something accepted was not kept; or a backup lacks something, or can't be read wholly.</summary>
    public const int RowsLost = 3;

    /// <summary>Another Collector has the data folder, or the spool's.</summary>
    public const int StoreInUse = 4;

    /// <summary>No Collector answers there.</summary>
    public const int Unreachable = 5;

    /// <summary>There is nothing of that id.</summary>
    public const int NotFound = 6;

    /// <summary>A command was interrupted (SIGINT, SIGTERM), as shells say it.</summary>
    public const int Interrupted = 130;
}
