using Collector.Model;

namespace Collector.Storage.Sqlite.Segments;

/// <summary>
/// The first so many places of an answer, out of any number offered in any order: a heap with the worst on top. Some are
/// offered as candidates, some as rows that match for sure: enough of those make all behind them superfluous.
/// </summary>
/// <param name="capacity">How many to keep.</param>
/// <param name="enough">How many sure ones the answer has use for.</param>
/// <param name="descending">Newest first, which is the exact reverse of oldest first.</param>
/// <param name="after">Only places behind this one.</param>
internal sealed class TopK(int capacity, int enough, bool descending, Position? after)
{
    private readonly PriorityQueue<Position, Position> _kept =
        new(descending ? Comparer<Position>.Default : _latestOnTop);

    private readonly PriorityQueue<Position, Position> _sure =
        new(descending ? Comparer<Position>.Default : _latestOnTop);

    private static readonly Comparer<Position> _latestOnTop =
        Comparer<Position>.Create(static (left, right) => right.CompareTo(left));

    public bool Descending => descending;

    /// <summary>How many are kept.</summary>
    public int Capacity => capacity;

    /// <summary>There may be more than what is kept.</summary>
    public bool IsFull => _kept.Count == capacity;

    /// <summary>So many sure ones are there as the answer has use for; there may be more.</summary>
    public bool HasEnough => _sure.Count == enough;

    /// <summary>Keeps the place if it is among the first so far.</summary>
    public bool Offer(Position position)
    {
        if (after is { } last && !IsBehind(position, last))
        {
            return false;
        }

        if (HasEnough && !IsBehind(_sure.Peek(), position))
        {
            return false;
        }

        if (!IsFull)
        {
            _kept.Enqueue(position, position);
            return true;
        }

        if (!IsBehind(_kept.Peek(), position))
        {
            return false;
        }

        _kept.DequeueEnqueue(position, position);
        return true;
    }

    /// <summary>As <see cref="Offer"/>, for a row that was verified.</summary>
    public void OfferSure(Position position)
    {
        if (!Offer(position))
        {
            return;
        }

        if (HasEnough)
        {
            _sure.DequeueEnqueue(position, position);
        }
        else
        {
            _sure.Enqueue(position, position);
        }
    }

    /// <summary>Whether rows of this range of time (both ends inclusive) can still have a place.</summary>
    public bool CanTake(ulong first, ulong last)
    {
        var (from, to) = Narrow(0, ulong.MaxValue);
        return first < to && last >= from;
    }

    /// <summary>What of a range of time (its end exclusive) can still have a place.</summary>
    public (ulong From, ulong To) Narrow(ulong from, ulong to)
    {
        (from, to) = HasEnough ? UpTo(_sure.Peek(), from, to) : (from, to);
        return IsFull ? UpTo(_kept.Peek(), from, to) : (from, to);
    }

    /// <summary>What was kept, in the order of the answer.</summary>
    public Position[] Drain()
    {
        var positions = new Position[_kept.Count];
        for (var i = positions.Length - 1; i >= 0; i--)
        {
            positions[i] = _kept.Dequeue();
        }

        return positions;
    }

    private (ulong From, ulong To) UpTo(Position worst, ulong from, ulong to) => descending
        ? (Math.Max(from, worst.TimestampNanos), to)
        : (from, worst.TimestampNanos == ulong.MaxValue ? to : Math.Min(to, worst.TimestampNanos + 1));

    private bool IsBehind(Position position, Position other) =>
        descending ? position.CompareTo(other) < 0 : position.CompareTo(other) > 0;
}
