namespace Collector.Model;

/// <summary>The events of a stream that a batch holds: none of them is in another batch that is kept.</summary>
/// <param name="streamId">What its producer calls the stream.</param>
internal sealed class StreamPart(string streamId)
{
    private readonly List<SequenceRange> _ranges = [];

    public string StreamId { get; } = streamId;

    /// <summary>In order of arrival.</summary>
    public IReadOnlyList<SequenceRange> Ranges => _ranges;

    public void Add(ulong sequence)
    {
        if (_ranges.Count > 0 && _ranges[^1].Last + 1 == sequence)
        {
            _ranges[^1] = _ranges[^1] with { Last = sequence };
            return;
        }

        _ranges.Add(new SequenceRange(sequence, sequence));
    }

    public void Add(SequenceRange range) => _ranges.Add(range);
}
