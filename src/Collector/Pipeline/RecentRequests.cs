using Collector.Model;

namespace Collector.Pipeline;

/// <summary>
/// Knows the requests under way and those that ended well within the window, so that a repeat is acknowledged and stored
/// once. The authority on repeats: what the store and the spool know is loaded into it at the start.
/// </summary>
public sealed class RecentRequests(TimeSpan window, TimeProvider clock)
{
    private const int Most = 100_000;

    // One for all that ended so, as nearly all of the hundred thousand did.
    private static readonly State _stored = new() { Outcome = IngestOutcome.Stored };

    private readonly Lock _gate = new();
    private readonly Dictionary<RequestKey, State> _requests = [];

    // Ends by the clock's counter, not by the wall: a clock that jumps a week must neither forget all nor keep all.
    private readonly Queue<(RequestKey Key, long EndedAt)> _ended = new();

    public bool IsOn => window > TimeSpan.Zero;

    public TimeSpan Window => window;

    /// <summary>
    /// Null for the first with this key, whose end must be told by <see cref="End"/>. Else the outcome of the first, known
    /// or to come, which the repeat shares.
    /// </summary>
    /// <param name="key">The request.</param>
    /// <param name="onEnd">Called once with the first's outcome if it is still under way.</param>
    /// <param name="isFirst">The caller's request is the first.</param>
    public IngestOutcome? Enter(RequestKey key, Action<IngestOutcome> onEnd, out bool isFirst)
    {
        lock (_gate)
        {
            Expire();
            isFirst = !_requests.TryGetValue(key, out var state);
            if (isFirst)
            {
                _requests[key] = new State();
                return null;
            }

            if (state!.Outcome is null)
            {
                (state.Sharers ??= []).Add(onEnd);
            }

            return state.Outcome;
        }
    }

    /// <summary>The first has ended: repeats share its fate, and a failed one is forgotten.</summary>
    public void End(RequestKey key, IngestOutcome outcome)
    {
        List<Action<IngestOutcome>>? sharers;
        lock (_gate)
        {
            if (!_requests.TryGetValue(key, out var state))
            {
                return;
            }

            sharers = state.Sharers;
            if (outcome.IsKept)
            {
                _requests[key] = outcome == IngestOutcome.Stored ? _stored : new State { Outcome = outcome };
                _ended.Enqueue((key, clock.GetTimestamp()));
            }
            else
            {
                _requests.Remove(key);
            }
        }

        sharers?.ForEach(share => share(outcome));
    }

    /// <summary>It is not kept after all.</summary>
    public void Forget(RequestKey key)
    {
        lock (_gate)
        {
            _requests.Remove(key);
        }
    }

    /// <summary>Learns a request that an earlier process stored or spooled; the oldest first.</summary>
    public void Load(RequestKey key, DateTimeOffset endedAt)
    {
        var age = clock.GetUtcNow() - endedAt;
        if (age > window)
        {
            return;
        }

        // What seems to come from the future ended now at the latest.
        var before = age > TimeSpan.Zero ? (long)(age.TotalSeconds * clock.TimestampFrequency) : 0;
        lock (_gate)
        {
            if (_requests.TryAdd(key, _stored))
            {
                _ended.Enqueue((key, clock.GetTimestamp() - before));
                Expire();
            }
        }
    }

    private void Expire()
    {
        while (_ended.TryPeek(out var first) && (clock.GetElapsedTime(first.EndedAt) > window || _ended.Count > Most))
        {
            _requests.Remove(first.Key);
            _ended.Dequeue();
        }
    }

    private sealed class State
    {
        /// <summary>Null while it is under way.</summary>
        public IngestOutcome? Outcome { get; init; }

        public List<Action<IngestOutcome>>? Sharers { get; set; }
    }
}
