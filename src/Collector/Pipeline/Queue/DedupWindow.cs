using System.Runtime.InteropServices;
using Collector.Model;
using Collector.Pipeline.Ledger;

namespace Collector.Pipeline.Queue;

/// <summary>
/// Knows the requests in flight and those that were kept within the window, so that a repeat is acknowledged and stored
/// once. The authority on repeats: what the store and the spool know is loaded into it at the start. Safe for any number
/// of threads.
/// </summary>
internal sealed class DedupWindow(TimeSpan window, TimeProvider clock)
{
    // 17 MB when it is full.
    private const int MaxCompleted = 100_000;

    private readonly Lock _gate = new();

    // The requests in flight, and those that share their outcome.
    private readonly Dictionary<RequestKey, List<IRepeat>?> _inFlight = [];

    // Ages by the clock's counter, not by the wall: a clock that jumps a week must neither forget all nor keep all.
    private readonly Dictionary<RequestKey, Completed> _completed = [];
    private readonly Queue<(RequestKey Key, long At)> _oldestFirst = new();

    // How often a request was refused, until it is kept or forgotten.
    private readonly Dictionary<RequestKey, (int Refusals, long At)> _refused = [];
    private readonly Queue<(RequestKey Key, long At)> _oldestRefused = new();

    public TimeSpan Window => window;

    /// <summary>
    /// Null for the first request with this key, whose end <see cref="Complete"/> must be told. Else the outcome of the
    /// first where it is known; where it is still to come, the repeat is told by <see cref="IRepeat.Share"/>, once.
    /// </summary>
    public IngestOutcome? Enter(RequestKey key, IRepeat repeat, out bool isFirst)
    {
        isFirst = true;
        if (window <= TimeSpan.Zero)
        {
            return null;
        }

        lock (_gate)
        {
            Expire();
            if (_completed.TryGetValue(key, out var completed))
            {
                isFirst = false;
                return completed.IsSpooled ? IngestOutcome.Spooled : IngestOutcome.Stored;
            }

            ref var repeats = ref CollectionsMarshal.GetValueRefOrAddDefault(_inFlight, key, out var isInFlight);
            isFirst = !isInFlight;
            if (isInFlight)
            {
                (repeats ??= []).Add(repeat);
            }

            return null;
        }
    }

    /// <summary>The first has ended: its repeats share the outcome. A request that was not kept is forgotten.</summary>
    /// <returns>How often it was refused before, where it is kept now.</returns>
    public int Complete(RequestKey key, IngestOutcome outcome)
    {
        List<IRepeat>? repeats;
        var refusals = 0;
        lock (_gate)
        {
            if (!_inFlight.Remove(key, out repeats))
            {
                return 0;
            }

            if (outcome.IsKept)
            {
                Add(key, new Completed(clock.GetTimestamp(), outcome.Status == IngestStatus.Spooled));
                refusals = _refused.Remove(key, out var refused) ? refused.Refusals : 0;
            }
            else if (outcome.Status == IngestStatus.Refused)
            {
                NoteRefused(key, 1 + (repeats?.Count ?? 0));
            }
        }

        repeats?.ForEach(repeat => repeat.Share(outcome));
        return refusals;
    }

    /// <summary>The producer of a repeat waits for the outcome of this request, and will be told.</summary>
    public bool IsAwaitedByRepeat(RequestKey key)
    {
        lock (_gate)
        {
            return _inFlight.GetValueOrDefault(key) is { } repeats && repeats.Exists(static repeat => repeat.IsAwaited);
        }
    }

    /// <summary>It is not kept after all.</summary>
    public void Forget(RequestKey key)
    {
        lock (_gate)
        {
            _completed.Remove(key);
        }
    }

    /// <summary>Learns a request that an earlier process stored or spooled; the oldest first.</summary>
    public void Load(RequestKey key, DateTimeOffset completedAt)
    {
        var age = clock.GetUtcNow() - completedAt;
        if (age > window)
        {
            return;
        }

        // What seems to come from the future ended now at the latest.
        var before = age > TimeSpan.Zero ? (long)(age.TotalSeconds * clock.TimestampFrequency) : 0;
        lock (_gate)
        {
            if (!_completed.ContainsKey(key))
            {
                Add(key, new Completed(clock.GetTimestamp() - before, IsSpooled: false));
                Expire();
            }
        }
    }

    private void Add(RequestKey key, Completed completed)
    {
        _completed[key] = completed;
        _oldestFirst.Enqueue((key, completed.At));
    }

    private void NoteRefused(RequestKey key, int attempts)
    {
        var now = clock.GetTimestamp();
        _refused[key] = (_refused.GetValueOrDefault(key).Refusals + attempts, now);
        _oldestRefused.Enqueue((key, now));
        while (_oldestRefused.TryPeek(out var oldest)
            && (_oldestRefused.Count > MaxCompleted || clock.GetElapsedTime(oldest.At) > window))
        {
            _oldestRefused.Dequeue();
            // One that was refused again since is remembered from then on.
            if (_refused.TryGetValue(oldest.Key, out var refused) && refused.At == oldest.At)
            {
                _refused.Remove(oldest.Key);
            }
        }
    }

    private void Expire()
    {
        while (_oldestFirst.TryPeek(out var oldest)
            && (_oldestFirst.Count > MaxCompleted || clock.GetElapsedTime(oldest.At) > window))
        {
            _oldestFirst.Dequeue();
            // One that was forgotten may have come again since, and stays for a window of its own.
            if (_completed.TryGetValue(oldest.Key, out var completed) && completed.At == oldest.At)
            {
                _completed.Remove(oldest.Key);
            }
        }
    }

    private readonly record struct Completed(long At, bool IsSpooled);
}

/// <summary>A request that came again while the first with its key was in flight, and shares its outcome.</summary>
internal interface IRepeat
{
    /// <summary>Its producer still waits to be told.</summary>
    bool IsAwaited { get; }

    /// <summary>The first has ended. Called once.</summary>
    void Share(IngestOutcome first);
}
