using Collector.Model;

namespace Collector.Pipeline.Streams;

/// <summary>Sequences of a stream that are not stored; they may be sent again.</summary>
/// <param name="Range">Which.</param>
/// <param name="Reason">Why not; English.</param>
internal readonly record struct MissingRange(SequenceRange Range, string Reason)
{
    public const string NotReceived = "not received";
}
