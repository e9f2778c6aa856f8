using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Collector.Storage.Sqlite.Segments;

/// <summary>Why a file that bears a segment's name is none that this program can use.</summary>
internal enum SegmentFault
{
    /// <summary>Its creation was cut short before anything was stored in it.</summary>
    CutShort,

    /// <summary>Broken inside.</summary>
    Damaged,

    /// <summary>Whole, and written by a later version.</summary>
    NewerFormat,

    /// <summary>Whole, and another program's.</summary>
    Foreign,

    /// <summary>Whole, and the same as another segment.</summary>
    Copy,

    /// <summary>It can't be opened at the moment: rights, room, a lock, handles.</summary>
    Inaccessible,
}

/// <summary>A file is not the segment that its name says. The message goes on from "it".</summary>
internal sealed class SegmentFaultException(SegmentFault fault, string message, (ulong From, ulong To)? times = null)
    : SqliteException(message, CodeOf(fault), CodeOf(fault))
{
    public SegmentFault Fault => fault;

    /// <summary>Of the events in it, as far as its meta row says; nanoseconds since 1970.</summary>
    public (ulong From, ulong To)? Times => times;

    /// <summary>What is wrong with a file, by what SQLite said when it was opened and read.</summary>
    public static SegmentFault FaultOf(SqliteException error) => error is SegmentFaultException known ? known.Fault
        : (error.SqliteExtendedErrorCode & 0xFF) switch
        {
            raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => SegmentFault.Damaged,
            // A table or a column that ours have is missing, or it is in a form that this SQLite does not know.
            raw.SQLITE_ERROR or raw.SQLITE_SCHEMA or raw.SQLITE_MISMATCH => SegmentFault.Foreign,
            _ => SegmentFault.Inaccessible,
        };

    /// <summary>The word by which gaps and metrics name it.</summary>
    public static string ReasonOf(SegmentFault fault) => fault switch
    {
        SegmentFault.NewerFormat => "newer_format",
        SegmentFault.Foreign => "foreign",
        SegmentFault.Copy => "copy",
        SegmentFault.Inaccessible => "not_opened",
        _ => "damaged",
    };

    private static int CodeOf(SegmentFault fault) => fault == SegmentFault.Damaged ? raw.SQLITE_CORRUPT : raw.SQLITE_MISUSE;
}
