using Collector.Model;
using Microsoft.Data.Sqlite;

namespace Collector.Storage.Sqlite.Spool;

/// <summary>Copies what can be read of a spool's file into a new one, and says what can't.</summary>
internal sealed class SpoolSalvage(SpoolDatabase source, SpoolDatabase target, ulong foundNanos)
{
    // Where not even the trees say how far positions go.
    private const int MaxBlindSteps = 10_000;
    private const int BytesOfTransaction = 4 << 20;

    private readonly Dictionary<long, List<(string Worker, int Rows)>> _known = [];
    private readonly SortedList<long, ulong> _times = [];
    private readonly List<SpoolEntry> _batch = [];
    private readonly List<SpooledRequest> _lost = [];
    private long _batchBytes;

    /// <summary>Makes the new file, on disk when it returns.</summary>
    /// <returns>Requests that were there and can't be read; of those that nobody can even name, one by nobody.</returns>
    /// <exception cref="SqliteException">It does not take what was read.</exception>
    /// <exception cref="IOException">It could not be brought to the disk.</exception>
    public static IReadOnlyList<SpooledRequest> CopyTo(string path, SpoolDatabase source, ulong foundNanos)
    {
        IReadOnlyList<SpooledRequest> lost;
        using (var target = SpoolDatabase.Begin(path))
        {
            lost = new SpoolSalvage(source, target, foundNanos).Run();
            target.Complete();
            target.Shrink();
        }

        // Its closing brings all of it into the file, or leaves the WAL.
        return File.Exists(path + "-wal") ? throw new IOException("the new file could not be brought to the disk") : lost;
    }

    private List<SpooledRequest> Run()
    {
        var isNamedWhole = TryDo(() =>
        {
            foreach (var (position, worker, rows) in source.ReadAllProducers())
            {
                if (!_known.TryGetValue(position, out var producers))
                {
                    _known[position] = producers = [];
                }

                producers.Add((worker, rows));
            }
        });
        var last = Math.Max(_known.Keys.DefaultIfEmpty(0).Max(), LastPosition());
        var blind = 0;
        for (var after = 0L; ;)
        {
            var next = Head(after, out var isReadable);
            if (isReadable && next is null)
            {
                break;
            }

            if (next is not null)
            {
                Take(next);
                (after, blind) = (next.Position, 0);
            }
            else if (after < last || ++blind < MaxBlindSteps)
            {
                // The page of the next one can't be read: perhaps that of the one after it can.
                after++;
            }
            else
            {
                break;
            }
        }

        Flush();
        NameLost(isNamedWhole);
        TryDo(() => target.Keep(source.ReadAccounts(), source.ReadGaps()));
        return _lost;
    }

    private long LastPosition()
    {
        var last = 0L;
        TryDo(() => last = source.LastPosition);
        return last;
    }

    private SpooledRequest? Head(long after, out bool isReadable)
    {
        SpooledRequest? head = null;
        isReadable = TryDo(() => head = source.ReadHead(after));
        return isReadable ? head : null;
    }

    private void Take(SpooledRequest request)
    {
        _times[request.Position] = request.ReceivedNanos;
        byte[]? payload = null;
        if (!TryDo(() => payload = source.ReadPayload(request.Position)) || payload is null)
        {
            return; // It stays among the known ones, which are lost.
        }

        _known.Remove(request.Position);
        _batch.Add(new SpoolEntry(request, payload));
        _batchBytes += payload.Length;
        if (_batchBytes >= BytesOfTransaction)
        {
            Flush();
        }
    }

    private void Flush()
    {
        target.Append(_batch);
        _batch.Clear();
        _batchBytes = 0;
    }

    private void NameLost(bool isNamedWhole)
    {
        foreach (var (position, producers) in _known.OrderBy(static known => known.Key))
        {
            _lost.Add(new SpooledRequest(position, Key: null, TimeAbout(position), producers, Stream: null));
        }

        if (!isNamedWhole && _lost.Count == 0)
        {
            _lost.Add(new SpooledRequest(0, Key: null, foundNanos, [("unknown-worker", 1)], Stream: null));
        }
    }

    // Its own, or that of the one before it.
    private ulong TimeAbout(long position)
    {
        var about = _times.Count == 0 ? foundNanos : _times.Values[0];
        foreach (var (other, time) in _times)
        {
            if (other > position)
            {
                break;
            }

            about = time;
        }

        return about;
    }

    private static bool TryDo(Action read)
    {
        try
        {
            read();
            return true;
        }
        catch (SqliteException)
        {
            return false;
        }
    }
}
