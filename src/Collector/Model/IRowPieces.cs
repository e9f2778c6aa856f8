namespace Collector.Model;

/// <summary>Makes the rows of a large request anew, as often as they are wanted; each time the same ones.</summary>
internal interface IRowPieces
{
    /// <summary>What it makes them of, as a number that may be kept on disk.</summary>
    byte Kind { get; }

    /// <summary>From here on, in order, it takes the ids of what has none of its own.</summary>
    LogId FirstNewId { get; }

    /// <summary>Batches whose rows follow each other; each is valid until the next is asked for.</summary>
    IEnumerable<RowBatch> Read(RowBatch whole);
}

/// <summary>Makes <see cref="IRowPieces"/> of what was kept of them. Safe for threads.</summary>
internal interface IRowPiecesFactory
{
    /// <summary>Null where the kind is unknown.</summary>
    IRowPieces? Create(byte kind, LogId firstNewId);
}
