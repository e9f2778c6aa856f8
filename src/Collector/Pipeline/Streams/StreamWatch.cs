namespace Collector.Pipeline.Streams;

/// <summary>
/// A call that brings a stream's events and is told what becomes of them. It holds no news: a call that is behind asks for
/// the progress of the moment. Guarded by <see cref="StreamTracker"/>.
/// </summary>
internal sealed class StreamWatch
{
    internal StreamWatch(StreamState stream, Action changed)
    {
        Stream = stream;
        Changed = changed;
    }

    internal StreamState Stream { get; }

    /// <summary>Called when there is news; must not block.</summary>
    internal Action Changed { get; }

    /// <summary>The stream's version that it was told.</summary>
    internal long Told { get; set; } = -1;

    /// <summary>Parts in flight that hold events of this call, or repeats of them.</summary>
    internal int UnderWay { get; set; }
}
