using System.Collections.Immutable;
using Collector.Model;
using Collector.Storage.Sqlite.Segments;

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

    public ReadSession(Catalog catalog, SegmentSearches searches, IdHasher hasher, CancellationToken cancellation)
    {
        // The watermark first: whatever it counts is in the list and in the files that are looked at afterwards.
        Watermark = catalog.Watermark;
        Hasher = hasher;
        Cancellation = cancellation;
        // How a segment is searched stays the same to the end, also when it is sealed meanwhile.
        Segments = [.. catalog.Segments.Select(segment => new SearchedSegment(segment, searches.Of(segment)))];
    }

    public Arrival Watermark { get; }

    public ImmutableArray<SearchedSegment> Segments { get; }

    public IdHasher Hasher { get; }

    public CancellationToken Cancellation { get; }

    /// <summary>A connection, valid until this asks for another segment's; null where the segment is gone.</summary>
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

    /// <summary>Reads a row of one of this session's segments; false where it is not there.</summary>
    public bool TryRead(in Position position, out StoredRow row)
    {
        row = default;
        return Find(position.Arrival.Segment) is { } segment
            && ReaderOf(segment) is { } reader
            && reader.TryRead(position, out row);
    }

    /// <summary>Reads a row's ids, valid until the next read; false where it is not there.</summary>
    public bool TryReadIds(Segment segment, long rowid, out ReadOnlySpan<byte> correlation, out ReadOnlySpan<byte> trace)
    {
        correlation = default;
        trace = default;
        return ReaderOf(segment) is { } reader && reader.TryReadIds(rowid, out correlation, out trace);
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

        foreach (var (segment, _) in Segments)
        {
            if (segment.Name.Number == number)
            {
                return segment;
            }
        }

        return null;
    }

    private SegmentReader? Take(Segment segment)
    {
        if (_leases.Count == MaxLeases)
        {
            End(_leases[0]);
            _leases.RemoveAt(0);
        }

        if (!segment.Readers.TryRent(out var reader, Cancellation))
        {
            return null;
        }

        try
        {
            reader.Begin(Cancellation);
        }
        catch
        {
            segment.Readers.Discard(reader);
            throw;
        }

        var interruption = Cancellation.Register(static r => ((SegmentReader)r!).Interrupt(), reader);
        _leases.Add(new Lease(reader, segment, interruption));
        return reader;
    }

    private static void End(in Lease lease)
    {
        // Waits for an interruption under way, so that it cannot hit the connection's next user.
        lease.Interruption.Dispose();
        if (lease.Reader.TryEnd())
        {
            lease.Segment.Readers.Return(lease.Reader);
        }
        else
        {
            lease.Segment.Readers.Discard(lease.Reader);
        }
    }

    private readonly record struct Lease(SegmentReader Reader, Segment Segment, CancellationTokenRegistration Interruption);
}

/// <summary>A segment and how this session searches it.</summary>
internal readonly record struct SearchedSegment(Segment Segment, ISegmentSearch Search)
{
    /// <summary>The last of its rows that the watermark lets see; zero where it lets see none.</summary>
    public long RowsUpTo(Arrival watermark)
    {
        var number = Segment.Name.Number;
        return number > watermark.Segment ? 0
            : number < watermark.Segment ? Search.Rows
            : Math.Min(watermark.Row, Search.Rows);
    }
}
