using Collector.Model;
using Collector.Pipeline.Ledger;

namespace Collector.Pipeline.Streams;

/// <summary>
/// One stream: which sequences have arrived, and which of them are in flight. The others are on disk.
/// Guarded by <see cref="StreamTracker"/>.
/// </summary>
internal sealed class StreamState(HighWater come)
{
    private readonly Dictionary<StreamPart, InFlightPart> _underWay = [];

    public List<StreamWatch> Watches { get; } = [];

    /// <summary>The clock's counter when an event or a call of it last came.</summary>
    public long SeenAt { get; set; }

    /// <summary>Grows whenever the progress changes.</summary>
    public long Version { get; private set; }

    public bool IsIdle => Watches.Count == 0 && _underWay.Count == 0;

    /// <summary>Adds an event to a part, unless it has come before.</summary>
    public Addition TryAdd(StreamWatch by, StreamPart part, ulong sequence)
    {
        var addition = come.Add(sequence, HighWater.MaxHoles, out var filled);
        if (addition is not (Addition.Fresh or Addition.Filled))
        {
            return addition;
        }

        if (!_underWay.TryGetValue(part, out var under))
        {
            _underWay[part] = under = new InFlightPart();
            under.Settles(by);
        }

        part.Add(sequence);
        under.Add(sequence, addition == Addition.Filled ? filled.Reason : null);
        return addition;
    }

    /// <summary>The part in flight that holds the event; null where the event is on disk.</summary>
    public InFlightPart? HolderOf(ulong sequence)
    {
        foreach (var (part, under) in _underWay)
        {
            for (var i = 0; i < part.Ranges.Count; i++)
            {
                if (part.Ranges[i].Contains(sequence))
                {
                    return under;
                }
            }
        }

        return null;
    }

    /// <summary>Ends a part; null where it was not in flight.</summary>
    /// <param name="part">Which.</param>
    /// <param name="failure">Why it is not on disk; null where it is.</param>
    public InFlightPart? End(StreamPart part, string? failure)
    {
        if (!_underWay.Remove(part, out var under))
        {
            return null;
        }

        if (failure is not null)
        {
            TakeBack(part, failure);
        }

        under.End();
        Version++;
        return under;
    }

    /// <summary>Learns what is on disk.</summary>
    public void Keep(StreamPart part)
    {
        foreach (var range in part.Ranges)
        {
            for (var sequence = range.First; sequence <= range.Last; sequence++)
            {
                come.Add(sequence, int.MaxValue, out _);
            }
        }
    }

    /// <summary>What was on disk is lost.</summary>
    public void Lose(StreamPart part, string reason)
    {
        TakeBack(part, reason);
        Version++;
    }

    public StreamProgress Progress()
    {
        var through = _underWay.Count == 0 ? come.Mark : Math.Min(come.Mark, _underWay.Values.Min(static part => part.FirstFresh) - 1);
        var dropped = come.Holes.Concat(_underWay.Values.SelectMany(static part => part.Filled))
            .Where(hole => hole.Range.First <= through)
            .OrderBy(static hole => hole.Range.First);
        return new StreamProgress(through, [.. dropped]);
    }

    /// <summary>The mark that the transaction keeps that stores these parts. Parts in flight count as missing.</summary>
    public StreamMark MarkWith(IReadOnlySet<StreamPart> storing, ulong nowNanos)
    {
        // They come from the spool, so they are on disk already, but the stream may have been forgotten.
        foreach (var part in storing.Where(part => !_underWay.ContainsKey(part)))
        {
            Keep(part);
        }

        var id = storing.First().StreamId;
        var missing = come.Holes.Select(static hole => hole.Range)
            .Concat(_underWay.Keys.Where(part => !storing.Contains(part)).SelectMany(static part => part.Ranges))
            .OrderBy(static range => range.First);
        var holes = new List<SequenceRange>();
        foreach (var range in missing)
        {
            if (holes.Count > 0 && holes[^1].Last + 1 == range.First)
            {
                holes[^1] = holes[^1] with { Last = range.Last };
            }
            else
            {
                holes.Add(range);
            }
        }

        var mark = come.Mark;
        if (holes.Count > 0 && holes[^1].Last == mark)
        {
            mark = holes[^1].First - 1;
            holes.RemoveAt(holes.Count - 1);
        }

        return new StreamMark(id, mark, holes, nowNanos);
    }

    private void TakeBack(StreamPart part, string reason)
    {
        foreach (var range in part.Ranges)
        {
            come.TakeBack(range, reason);
        }
    }
}

/// <summary>What must be known of a part until it has ended. Guarded by <see cref="StreamTracker"/>.</summary>
internal sealed class InFlightPart
{
    private readonly List<MissingRange> _filled = [];

    // Nearly always one.
    private readonly List<StreamWatch> _calls = [];

    /// <summary>The first of its events that no call has been told of yet.</summary>
    public ulong FirstFresh { get; private set; } = ulong.MaxValue;

    /// <summary>The holes that it fills; holes still, until it is on disk.</summary>
    public IReadOnlyList<MissingRange> Filled => _filled;

    /// <summary>Events that were sent again meanwhile, and share its fate.</summary>
    public LedgerTicket? Repeats { get; set; }

    /// <summary>A call brought events of it, or brought them again: the call is not settled before the part has ended.</summary>
    public void Settles(StreamWatch call)
    {
        if (!_calls.Contains(call))
        {
            _calls.Add(call);
            call.UnderWay++;
        }
    }

    public void End() => _calls.ForEach(static call => call.UnderWay--);

    /// <param name="sequence">Of the event.</param>
    /// <param name="hole">Why it was a hole; null where it is news.</param>
    public void Add(ulong sequence, string? hole)
    {
        if (hole is null)
        {
            FirstFresh = Math.Min(FirstFresh, sequence);
        }
        else if (_filled.Count > 0 && _filled[^1].Range.Last + 1 == sequence && _filled[^1].Reason == hole)
        {
            _filled[^1] = _filled[^1] with { Range = _filled[^1].Range with { Last = sequence } };
        }
        else
        {
            _filled.Add(new MissingRange(new SequenceRange(sequence, sequence), hole));
        }
    }
}
