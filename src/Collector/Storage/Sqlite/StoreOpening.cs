using System.Diagnostics.CodeAnalysis;

namespace Collector.Storage.Sqlite;

/// <summary>Why a store could not be opened.</summary>
internal enum StoreProblem
{
    None,

    /// <summary>Another process holds the folder; the error names its number.</summary>
    Locked,

    /// <summary>The folder or a file in it cannot be created, read or written.</summary>
    Inaccessible,

    /// <summary>A file is not what it should be; the error names it.</summary>
    Damaged,
}

/// <param name="Store">The open store, or null.</param>
/// <param name="Problem">Why it is null.</param>
/// <param name="Error">English, for the operator; null where the store is open.</param>
internal readonly record struct StoreOpening(SqliteStore? Store, StoreProblem Problem, string? Error)
{
    [MemberNotNullWhen(true, nameof(Store))]
    [MemberNotNullWhen(false, nameof(Error))]
    public bool Succeeded => Store is not null;

    internal static StoreOpening Failed(StoreProblem problem, string error) => new(null, problem, error);
}
