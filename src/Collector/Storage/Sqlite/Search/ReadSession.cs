using System.Collections.Immutable;
using Collector.Model;
using Collector.Storage.Sqlite.Driver;
using Collector.Storage.Sqlite.Segments;
using Microsoft.Data.Sqlite;

namespace Collector.Storage.Sqlite.Search;

/// <summary>
/// What one question holds while it is answered: the segments and the watermark as they were when it was asked, and
/// connections to the few segments that it reads from at the moment, which its cancellation interrupts. A segment that
/// is deleted meanwhile has no rows.
/// </summary>
internal sealed class ReadSession : IDisposable
{
    // Rows in order of time come from one segment or a few neighbours; with a connection kept for each of 500
    // segments, 8 questions would hold 4,000 files.
    private const int MaxLeases = 4;

    // Oldest use first.
    private readonly List<Lease> _leases = new(MaxLeases);
    private readonly Damages _damages;
    private readonly HashSet<Segment> _unopened = [];

    public ReadSession(Catalog catalog, SegmentSearches searches, IdHasher hasher, Damages damages, CancellationToken cancellation)
    {
        _damages = damages;
        Unreadable = [.. catalog.Unreadable];
        // The watermark first: whatever it counts is in the list and in the files that are looked at afterwards.
        Watermark = catalog.Watermark;
        Hasher = hasher;
        Cancellation = cancellation;
        // How a segment is searched stays the same to the end, also when it is sealed meanwhile.
        Segments = [.. catalog.Segments.Select(segment => new SearchedSegment(segment, searches.Of(segment)))];
    }

    public Arrival Watermark { get; }

    public ImmutableArray<SearchedSegment> Segments { get; }

    /// <summary>Files that can't be read, wholly or in part, when the question was asked.</summary>
    public ImmutableArray<UnreadableFile> Unreadable { get; }

    public IdHasher Hasher { get; }

    public CancellationToken Cancellation { get; }

    /// <summary>
    /// Takes a step of the question in a segment. False where a part of the file that the step needs can't be read: from then
    /// on the segment is searched by its rows, and the step is to be taken anew, with all that it had collected so far thrown
    /// away. That happens once a segment.
    /// </summary>
    public bool TryStep(SearchedSegment searched, Action<ISegmentSearch> step)
    {
        try
        {
            step(searched.Search);
            return true;
        }
        catch (SqliteException e) when (SqliteErrors.IsUnreadable(e.SqliteExtendedErrorCode) && searched.Search is not RowScan)
        {
            Cancellation.ThrowIfCancellationRequested();
            _damages.Found(searched.Segment, e);
            searched.SearchByRows();
            return false;
        }
    }

    /// <summary>A part of the file was met that can't be read; the answer leaves it out.</summary>
    public void LeaveOut(Segment segment, SqliteException error)
    {
        Cancellation.ThrowIfCancellationRequested();
        _damages.Found(segment, error);
    }

    /// <summary>
    /// A connection, valid until this asks for another segment's; null where the segment is gone, or its file can't be opened.
    /// </summary>
    public SegmentReader? ReaderOf(Segment segment)
    {
        Cancellation.ThrowIfCancellationRequested();
        var at = _leases.FindIndex(lease => lease.Segment == segment);
        if (at >= 0)
        {
            var lease = _leases[at];
            _leases.RemoveAt(at);
            _leases.Add(lease);
            return lease.Reader;
        }

        return Take(segment);
    }

    /// <summary>Reads a row of one of this session's segments; false where it is not there, or can't be read.</summary>
    public bool TryRead(in Position position, out StoredRow row)
    {
        row = default;
        if (Find(position.Arrival.Segment) is not { } segment || ReaderOf(segment) is not { } reader)
        {
            return false;
        }

        try
        {
            return reader.TryRead(position, out row)
                && (Timestamps.FromColumn(row.Timestamp) == position.TimestampNanos ? true : throw SqliteErrors.Damage("the time of a row is another one"));
        }
        catch (SqliteException e) when (SqliteErrors.IsUnreadable(e.SqliteExtendedErrorCode))
        {
            LeaveOut(segment, e);
            // It may be its resource that can't be read.
            return TryReadAlone(reader, position, out row);
        }
    }

    /// <summary>Reads a row's ids, valid until the next read; false where it is not there, or can't be read.</summary>
    public bool TryReadIds(
        Segment segment, long rowid, out ReadOnlySpan<byte> correlation, out ReadOnlySpan<byte> trace, out ReadOnlySpan<byte> request)
    {
        correlation = default;
        trace = default;
        request = default;
        if (ReaderOf(segment) is not { } reader)
        {
            return false;
        }

        try
        {
            return reader.TryReadIds(rowid, out correlation, out trace, out request);
        }
        catch (SqliteException e) when (SqliteErrors.IsUnreadable(e.SqliteExtendedErrorCode))
        {
            LeaveOut(segment, e);
            return false;
        }
    }

    public void Dispose()
    {
        foreach (var lease in _leases)
        {
            End(lease);
        }

        _leases.Clear();
    }

    private Segment? Find(int number)
    {
        // Mostly the one that the last row came from.
        if (_leases is [.., var last] && last.Segment.Name.Number == number)
        {
            return last.Segment;
        }

        foreach (var searched in Segments)
        {
            if (searched.Segment.Name.Number == number)
            {
                return searched.Segment;
            }
        }

        return null;
    }

    private static bool TryReadAlone(SegmentReader reader, in Position position, out StoredRow row)
    {
        row = default;
        try
        {
            return reader.TryReadAlone(position, out row) && Timestamps.FromColumn(row.Timestamp) == position.TimestampNanos;
        }
        catch (SqliteException e) when (SqliteErrors.IsUnreadable(e.SqliteExtendedErrorCode))
        {
            return false;
        }
    }

    private SegmentReader? Take(Segment segment)
    {
        if (_leases.Count == MaxLeases)
        {
            End(_leases[0]);
            _leases.RemoveAt(0);
        }

        if (TryBegin(segment) is not { } reader)
        {
            return null;
        }

        var interruption = Cancellation.Register(static r => ((SegmentReader)r!).Interrupt(), reader.Reader);
        _leases.Add(new Lease(reader.Reader, segment, reader.Pool, interruption));
        return reader.Reader;
    }

    private (SegmentReader Reader, ReaderPool Pool)? TryBegin(Segment segment)
    {
        // What was saved of a damaged file has its rowids.
        var pool = (segment.ReplacedBy ?? segment).Readers;
        SegmentReader? reader = null;
        try
        {
            if (!_unopened.Contains(segment) && pool.TryRent(out reader, Cancellation))
            {
                reader.Begin(Cancellation);
                return (reader, pool);
            }

            return segment.ReplacedBy is { } by && by.Readers != pool ? TryBegin(segment) : null;
        }
        catch (SqliteException e)
        {
            if (reader is not null)
            {
                pool.Discard(reader);
            }

            if (!SqliteErrors.IsUnreadable(e.SqliteExtendedErrorCode))
            {
                throw;
            }

            // Tried once a question, not once a row.
            _unopened.Add(segment);
            LeaveOut(segment, e);
            return null;
        }
    }

    private static void End(in Lease lease)
    {
        // Waits for an interruption under way, so that it cannot hit the connection's next user.
        lease.Interruption.Dispose();
        if (lease.Reader.TryEnd())
        {
            lease.Pool.Return(lease.Reader);
        }
        else
        {
            lease.Pool.Discard(lease.Reader);
        }
    }

    private readonly record struct Lease(
        SegmentReader Reader, Segment Segment, ReaderPool Pool, CancellationTokenRegistration Interruption);
}

/// <summary>A segment and how this session searches it.</summary>
internal sealed class SearchedSegment(Segment segment, ISegmentSearch search)
{
    public Segment Segment => segment;

    public ISegmentSearch Search { get; private set; } = search;

    /// <summary>Its indexes can't be read.</summary>
    public void SearchByRows() => Search = new RowScan(segment, Search);

    /// <summary>The last of its rows that the watermark lets see; zero where it lets see none.</summary>
    public long RowsUpTo(Arrival watermark)
    {
        var number = Segment.Name.Number;
        return number > watermark.Segment ? 0
            : number < watermark.Segment ? Search.LastRow
            : Math.Min(watermark.Row, Search.LastRow);
    }
}
