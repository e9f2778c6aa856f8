using Collector.Diagnostics;
using Collector.Model;

namespace Collector.Pipeline.Streams;

/// <summary>What must be known of a part until it has ended. Guarded by <see cref="KnownStreams"/>.</summary>
internal sealed class PartUnderWay(StreamWatch by)
{
    private readonly List<Hole> _filled = [];

    /// <summary>The call that brought it.</summary>
    public StreamWatch By => by;

    /// <summary>The first of its events that nobody was told anything of yet.</summary>
    public ulong FirstFresh { get; private set; } = ulong.MaxValue;

    /// <summary>The holes that it fills; holes still, until it is on disk.</summary>
    public IReadOnlyList<Hole> Filled => _filled;

    /// <summary>Events that were sent again meanwhile, and share its fate.</summary>
    public LedgerTicket? Repeats { get; set; }

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
            _filled.Add(new Hole(new SequenceRange(sequence, sequence), hole));
        }
    }
}
