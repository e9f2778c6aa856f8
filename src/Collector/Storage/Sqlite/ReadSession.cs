using System.Collections.Immutable;

namespace Collector.Storage.Sqlite;

/// <summary>
/// What one question holds while it is answered: the list of segments and the watermark as they were when it was
/// asked, and for each segment it touches one connection, which its cancellation interrupts.
/// </summary>
internal sealed class ReadSession(Catalog catalog, IdHasher hasher, CancellationToken cancellation) : IDisposable
{
    private readonly Dictionary<int, Lease> _leases = [];

    // The watermark first: whatever it counts is in the list and in the files that are looked at afterwards.
    public Arrival Watermark { get; } = catalog.Watermark;

    public ImmutableArray<Segment> Segments { get; } = catalog.Segments;

    public IdHasher Hasher => hasher;

    public CancellationToken Cancellation => cancellation;

    public SegmentReader ReaderOf(Segment segment)
    {
        cancellation.ThrowIfCancellationRequested();
        if (!_leases.TryGetValue(segment.Name.Number, out var lease))
        {
            lease = Take(segment.Readers);
            _leases.Add(segment.Name.Number, lease);
        }

        return lease.Reader;
    }

    /// <summary>Reads a row of one of this session's segments; false where it is not there.</summary>
    public bool TryRead(in Position position, out StoredRow row)
    {
        foreach (var segment in Segments)
        {
            if (segment.Name.Number == position.Arrival.Segment)
            {
                return ReaderOf(segment).TryRead(position, out row);
            }
        }

        row = default;
        return false;
    }

    public void Dispose()
    {
        foreach (var lease in _leases.Values)
        {
            // Waits for an interruption under way, so that it cannot hit the connection's next user.
            lease.Interruption.Dispose();
            if (lease.Reader.TryEnd())
            {
                lease.Pool.Return(lease.Reader);
            }
            else
            {
                lease.Reader.Dispose();
            }
        }
    }

    private Lease Take(ReaderPool pool)
    {
        var reader = pool.Rent();
        try
        {
            reader.Begin();
        }
        catch
        {
            reader.Dispose();
            throw;
        }

        var interruption = cancellation.Register(static r => ((SegmentReader)r!).Interrupt(), reader);
        return new Lease(reader, pool, interruption);
    }

    private readonly record struct Lease(
        SegmentReader Reader, ReaderPool Pool, CancellationTokenRegistration Interruption);
}
