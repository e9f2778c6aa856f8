using Collector.Model;
using Collector.Pipeline.Ledger;

namespace Collector.Pipeline.Streams;

/// <summary>
/// Knows which events of each stream are on disk or on their way there, so that what is sent again is stored once. The
/// authority on that: what the store and the spool know is loaded into it at the start. Safe for any number of threads.
/// </summary>
internal sealed class StreamTracker(RowLedger ledger, TimeProvider clock)
{
    // Some 400 bytes each. Beyond it the streams that have been silent for the longest time are forgotten.
    private const int Max = 100_000;
    private const double NanosPerSecond = 1e9;

    private static readonly TimeSpan _betweenSweeps = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, StreamState> _streams = new(StringComparer.Ordinal);
    private long _sweptAt = clock.GetTimestamp();

    /// <summary>Begins a call; the progress of its stream is news at once.</summary>
    /// <param name="streamId">What the producer calls the stream.</param>
    /// <param name="changed">Called when there is news; must not block.</param>
    public StreamWatch Watch(string streamId, Action changed)
    {
        StreamWatch watch;
        lock (_gate)
        {
            var stream = StreamOf(streamId);
            watch = new StreamWatch(stream, changed);
            stream.Watches.Add(watch);
        }

        changed();
        return watch;
    }

    public void Leave(StreamWatch watch)
    {
        lock (_gate)
        {
            watch.Stream.Watches.Remove(watch);
        }
    }

    /// <summary>Adds an event to a part that this call will bring, unless it is known; then it is counted.</summary>
    /// <param name="watch">The call.</param>
    /// <param name="part">The part; ended by <see cref="End"/>.</param>
    /// <param name="sequence">From 1.</param>
    /// <param name="worker">Whose event it is.</param>
    public StreamAddition TryAdd(StreamWatch watch, StreamPart part, ulong sequence, ReadOnlySpan<byte> worker)
    {
        lock (_gate)
        {
            var stream = watch.Stream;
            stream.SeenAt = clock.GetTimestamp();
            switch (stream.TryAdd(watch, part, sequence))
            {
                case Addition.TooManyHoles:
                    return StreamAddition.TooManyHoles;
                case Addition.Repeat when stream.HolderOf(sequence) is { } holder:
                    holder.Settles(watch);
                    holder.Repeats = ledger.ReceiveRepeat(worker, holder.Repeats);
                    return StreamAddition.Repeat;
                case Addition.Repeat:
                    ledger.Move(ledger.ReceiveRepeat(worker, null), LedgerColumn.Duplicate, "repeat");
                    return StreamAddition.Repeat;
                default:
                    return StreamAddition.Added;
            }
        }
    }

    /// <summary>A part has ended: what was not kept may be sent again.</summary>
    public void End(StreamPart part, IngestOutcome outcome)
    {
        lock (_gate)
        {
            if (!_streams.TryGetValue(part.StreamId, out var stream)
                || stream.End(part, outcome.IsKept ? null : outcome.Reason ?? "given up") is not { } ended)
            {
                return;
            }

            if (ended.Repeats is { } repeats)
            {
                ledger.MoveRepeat(repeats, outcome);
            }

            stream.Watches.ForEach(static watch => watch.Changed());
        }
    }

    /// <summary>There is a call that can be told what becomes of the stream's events.</summary>
    public bool IsWatched(string streamId)
    {
        lock (_gate)
        {
            return _streams.TryGetValue(streamId, out var stream) && stream.Watches.Count > 0;
        }
    }

    /// <summary>How far the stream is stored; null where the call has been told that.</summary>
    public StreamProgress? News(StreamWatch watch)
    {
        lock (_gate)
        {
            if (watch.Told == watch.Stream.Version)
            {
                return null;
            }

            watch.Told = watch.Stream.Version;
            return watch.Stream.Progress();
        }
    }

    /// <summary>All that the call brought has ended, whoever brought it first.</summary>
    public bool IsSettled(StreamWatch watch)
    {
        lock (_gate)
        {
            return watch.UnderWay == 0;
        }
    }

    /// <summary>What a transaction that stores these requests must keep.</summary>
    public IReadOnlyList<StreamMark> MarksWith(IReadOnlyList<RowBatch> storing)
    {
        var byStream = storing.Select(static batch => batch.Stream).OfType<StreamPart>()
            .GroupBy(static part => part.StreamId, StringComparer.Ordinal);
        var now = Timestamps.ToNanos(clock.GetUtcNow());
        lock (_gate)
        {
            return [.. byStream.Select(parts => StreamOf(parts.Key).MarkWith(parts.ToHashSet(), now))];
        }
    }

    /// <summary>Learns what an earlier process stored; before <see cref="Load(StreamPart)"/>.</summary>
    public void Load(StreamMark mark)
    {
        lock (_gate)
        {
            // By the clock's counter, not by the wall: a clock that jumps a week must neither forget all nor keep all.
            var age = Math.Max(0, (double)Timestamps.ToNanos(clock.GetUtcNow()) - mark.SeenNanos) / NanosPerSecond;
            var seenAt = clock.GetTimestamp() - (long)(age * clock.TimestampFrequency);
            _streams[mark.StreamId] = new StreamState(new HighWater(mark)) { SeenAt = seenAt };
        }
    }

    /// <summary>Learns what an earlier process spooled.</summary>
    public void Load(StreamPart part)
    {
        lock (_gate)
        {
            StreamOf(part.StreamId).Keep(part);
        }
    }

    /// <summary>It is not kept after all: a call that sends it again is not told that it is.</summary>
    public void Lose(StreamPart part, string reason)
    {
        lock (_gate)
        {
            var stream = StreamOf(part.StreamId);
            stream.Lose(part, reason);
            stream.Watches.ForEach(static watch => watch.Changed());
        }
    }

    private StreamState StreamOf(string id)
    {
        if (!_streams.TryGetValue(id, out var stream))
        {
            Forget();
            _streams[id] = stream = new StreamState(new HighWater());
        }

        stream.SeenAt = clock.GetTimestamp();
        return stream;
    }

    private void Forget()
    {
        if (_streams.Count >= Max)
        {
            // A tenth at once, so that not every new stream sorts them all.
            Remove(_streams.Where(static pair => pair.Value.IsIdle).OrderBy(static pair => pair.Value.SeenAt).Take(Max / 10));
        }
        else if (clock.GetElapsedTime(_sweptAt) > _betweenSweeps)
        {
            _sweptAt = clock.GetTimestamp();
            Remove(_streams.Where(pair => pair.Value.IsIdle && clock.GetElapsedTime(pair.Value.SeenAt) > StreamMark.KeptFor));
        }
    }

    private void Remove(IEnumerable<KeyValuePair<string, StreamState>> streams)
    {
        foreach (var (id, _) in streams.ToArray())
        {
            _streams.Remove(id);
        }
    }
}

/// <summary>What became of an event that a call brought.</summary>
internal enum StreamAddition
{
    /// <summary>It is news, and its part is to store it.</summary>
    Added,

    /// <summary>It is on disk or on its way there; it was counted as a repeat.</summary>
    Repeat,

    /// <summary>As much of the stream is missing as may be, and it fills none of that from its ends.</summary>
    TooManyHoles,
}

/// <summary>How far a stream is stored.</summary>
/// <param name="Through">Every sequence up to it is on disk, or in a hole of <paramref name="Dropped"/>.</param>
/// <param name="Dropped">All that is not on disk up to there; in order.</param>
internal sealed record StreamProgress(ulong Through, IReadOnlyList<MissingRange> Dropped)
{
    /// <summary>How many ranges of a stream may be missing, not received or not kept.</summary>
    public const int MaxHoles = HighWater.MaxHoles;

    /// <summary>Nothing came.</summary>
    public static StreamProgress Nothing { get; } = new(0, []);
}
