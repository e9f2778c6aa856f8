using Collector.Model;
using Collector.Pipeline.Ledger;

namespace Collector.Pipeline.Streams;

/// <summary>What must be known of a part until it has ended. Guarded by <see cref="StreamTracker"/>.</summary>
internal sealed class InFlightPart
{
    private readonly List<MissingRange> _filled = [];

    // Nearly always one.
    private readonly List<StreamWatch> _calls = [];

    /// <summary>The first of its events that nobody was told anything of yet.</summary>
    public ulong FirstFresh { get; private set; } = ulong.MaxValue;

    /// <summary>The holes that it fills; holes still, until it is on disk.</summary>
    public IReadOnlyList<MissingRange> Filled => _filled;

    /// <summary>Events that were sent again meanwhile, and share its fate.</summary>
    public LedgerTicket? Repeats { get; set; }

    /// <summary>A call brought of it, or brought of it again: it is not settled before the part has ended.</summary>
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
