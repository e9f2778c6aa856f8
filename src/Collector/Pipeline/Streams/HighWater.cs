using Collector.Model;

namespace Collector.Pipeline.Streams;

/// <summary>
/// A set of sequences, as the largest of them and the holes below it: nearly every sequence of a stream arrives.
/// </summary>
internal sealed class HighWater
{
    /// <summary>Ranges that may be missing at the same time, skipped or evicted; each costs memory for a day.</summary>
    public const int MaxHoles = 256;

    private readonly List<MissingRange> _holes = [];

    public HighWater()
    {
    }

    /// <summary>As it was kept.</summary>
    public HighWater(StreamMark kept)
    {
        Mark = kept.HighWater;
        _holes.AddRange(kept.Holes.Select(static range => new MissingRange(range, MissingRange.NotReceived)));
    }

    /// <summary>The largest sequence; 0 where there is none.</summary>
    public ulong Mark { get; private set; }

    /// <summary>In order.</summary>
    public IReadOnlyList<MissingRange> Holes => _holes;

    /// <summary>Adds a sequence; what it skips is a hole.</summary>
    /// <param name="sequence">From 1.</param>
    /// <param name="maxHoles">How many there may be.</param>
    /// <param name="filled">The hole that it was in.</param>
    public Addition Add(ulong sequence, int maxHoles, out MissingRange filled)
    {
        filled = default;
        if (sequence <= Mark)
        {
            var place = _holes.FindIndex(hole => hole.Range.Contains(sequence));
            return place < 0 ? Addition.Repeat : Fill(place, sequence, maxHoles, out filled);
        }

        // Even the next one: it may be evicted too, and would then be one hole more.
        if (_holes.Count >= maxHoles)
        {
            return Addition.TooManyHoles;
        }

        if (sequence > Mark + 1)
        {
            _holes.Add(new MissingRange(new SequenceRange(Mark + 1, sequence - 1), MissingRange.NotReceived));
        }

        Mark = sequence;
        return Addition.Fresh;
    }

    /// <summary>Takes sequences back that were added.</summary>
    public void TakeBack(SequenceRange range, string reason)
    {
        var place = _holes.FindIndex(hole => hole.Range.First > range.First);
        place = place < 0 ? _holes.Count : place;
        _holes.Insert(place, new MissingRange(range, reason));
        JoinWithNext(place);
        JoinWithNext(place - 1);
    }

    private Addition Fill(int place, ulong sequence, int maxHoles, out MissingRange filled)
    {
        filled = _holes[place];
        var (first, last) = filled.Range;
        if (sequence > first && sequence < last && _holes.Count >= maxHoles)
        {
            return Addition.TooManyHoles;
        }

        _holes.RemoveAt(place);
        if (sequence < last)
        {
            _holes.Insert(place, filled with { Range = new SequenceRange(sequence + 1, last) });
        }

        if (sequence > first)
        {
            _holes.Insert(place, filled with { Range = new SequenceRange(first, sequence - 1) });
        }

        return Addition.Filled;
    }

    private void JoinWithNext(int place)
    {
        if (place < 0 || place + 1 >= _holes.Count)
        {
            return;
        }

        var (hole, next) = (_holes[place], _holes[place + 1]);
        if (hole.Range.Last + 1 == next.Range.First && hole.Reason == next.Reason)
        {
            _holes[place] = hole with { Range = hole.Range with { Last = next.Range.Last } };
            _holes.RemoveAt(place + 1);
        }
    }
}

internal enum Addition
{
    /// <summary>Larger than all before.</summary>
    Fresh,

    /// <summary>It was in a hole.</summary>
    Filled,

    /// <summary>It was there.</summary>
    Repeat,

    /// <summary>As many holes are there as there may be, and it fills none; nothing was added.</summary>
    TooManyHoles,
}

/// <summary>Sequences of a stream that are not stored; they may be sent again.</summary>
/// <param name="Range">Which.</param>
/// <param name="Reason">Why not; English.</param>
internal readonly record struct MissingRange(SequenceRange Range, string Reason)
{
    public const string NotReceived = "not received";
}
