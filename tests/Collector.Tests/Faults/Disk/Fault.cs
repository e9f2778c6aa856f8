using System.IO.Enumeration;

namespace Collector.Tests.Faults.Disk;

/// <summary>One thing that goes wrong: which operation on which files, from which time on, how often, and what happens then.</summary>
/// <param name="Operation">Which.</param>
/// <param name="Files">A pattern with * for the file's name.</param>
/// <param name="Action">What happens.</param>
internal sealed record Fault(DiskOperation Operation, string Files, FaultAction Action)
{
    public const int ForEver = int.MaxValue;

    private int _met;

    /// <summary>How many of them are left alone before.</summary>
    public int After { get; init; }

    public int Times { get; init; } = 1;

    /// <summary>SQLite's extended code; 0: the operation's own I/O error.</summary>
    public int Code { get; init; }

    public TimeSpan Delay { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>How often it has happened.</summary>
    public int Fired { get; private set; }

    public int ErrorCode => Code != 0 ? Code : DefaultCode(Operation);

    /// <summary>Whether it happens to this operation; counts it. Call it under the disk's lock.</summary>
    public bool Meets(DiskOperation operation, string name)
    {
        if (operation != Operation || !FileSystemName.MatchesSimpleExpression(Files, name))
        {
            return false;
        }

        var met = _met++;
        if (met < After || met - After >= Times)
        {
            return false;
        }

        Fired++;
        return true;
    }

    public override string ToString() =>
        $"{Action} {Operation} of {Files} after {After}, {(Times == ForEver ? "for ever" : $"{Times} times")}, code {ErrorCode} "
        + $"(happened {Fired} times)";

    // SQLITE_IOERR with the detail that SQLite's own VFS gives.
    private static int DefaultCode(DiskOperation operation) => operation switch
    {
        DiskOperation.Open => SqliteCode.CantOpen,
        DiskOperation.Read => SqliteCode.IoErrorRead,
        DiskOperation.Write => SqliteCode.IoErrorWrite,
        DiskOperation.Sync => SqliteCode.IoErrorSync,
        DiskOperation.Truncate => SqliteCode.IoErrorTruncate,
        DiskOperation.Delete => SqliteCode.IoErrorDelete,
        _ => SqliteCode.IoErrorMap,
    };
}

/// <summary>Result codes that a disk gives.</summary>
internal static class SqliteCode
{
    public const int Ok = 0;
    public const int Full = 13;
    public const int CantOpen = 14;
    public const int IoErrorRead = 10 | (1 << 8);
    public const int ShortRead = 10 | (2 << 8);
    public const int IoErrorWrite = 10 | (3 << 8);
    public const int IoErrorSync = 10 | (4 << 8);
    public const int IoErrorTruncate = 10 | (6 << 8);
    public const int IoErrorDelete = 10 | (10 << 8);
    public const int IoErrorMap = 10 | (21 << 8);
}
