using System.Runtime.InteropServices;
using Collector.Model;

namespace Collector.Pipeline.Queue;

/// <summary>
/// Knows the requests under way and those that ended well within the window, so that a repeat is acknowledged and stored
/// once. The authority on repeats: what the store and the spool know is loaded into it at the start.
/// </summary>
internal sealed class DedupWindow(TimeSpan window, TimeProvider clock)
{
    private const int Max = 100_000;

    private readonly Lock _gate = new();

    // Those under way, and whom to tell of their end.
    private readonly Dictionary<RequestKey, List<Sharer>?> _underWay = [];

    // Ends by the clock's counter, not by the wall: a clock that jumps a week must neither forget all nor keep all.
    private readonly CompletedRequests _ended = new();

    public bool IsOn => window > TimeSpan.Zero;

    public TimeSpan Window => window;

    /// <summary>
    /// Null for the first with this key, whose end must be told by <see cref="End"/>. Else the outcome of the first, known
    /// or to come, which the repeat shares.
    /// </summary>
    /// <param name="key">The request.</param>
    /// <param name="onEnd">Called once with the first's outcome if it is still under way.</param>
    /// <param name="isFirst">The caller's request is the first.</param>
    /// <param name="isAwaited">Whether somebody waits for that call, at any later moment.</param>
    public IngestOutcome? Enter(RequestKey key, Action<IngestOutcome> onEnd, out bool isFirst, Func<bool>? isAwaited = null)
    {
        lock (_gate)
        {
            Expire();
            isFirst = false;
            if (_ended.Find(key) is { } ended)
            {
                return ended;
            }

            ref var sharers = ref CollectionsMarshal.GetValueRefOrAddDefault(_underWay, key, out var isUnderWay);
            isFirst = !isUnderWay;
            if (isUnderWay)
            {
                (sharers ??= []).Add(new Sharer(onEnd, isAwaited));
            }

            return null;
        }
    }

    /// <summary>The first has ended: repeats share its fate, and a failed one is forgotten.</summary>
    public void End(RequestKey key, IngestOutcome outcome)
    {
        List<Sharer>? sharers;
        lock (_gate)
        {
            if (!_underWay.Remove(key, out sharers))
            {
                return;
            }

            if (outcome.IsKept)
            {
                _ended.Add(key, outcome == IngestOutcome.Spooled, clock.GetTimestamp());
            }
        }

        sharers?.ForEach(sharer => sharer.OnEnd(outcome));
    }

    /// <summary>The producer of a repeat waits for the end of this request, and will be told.</summary>
    public bool IsAwaitedByRepeat(RequestKey key)
    {
        lock (_gate)
        {
            return _underWay.GetValueOrDefault(key) is { } sharers && sharers.Exists(static sharer => sharer.IsAwaited?.Invoke() == true);
        }
    }

    /// <summary>It is not kept after all.</summary>
    public void Forget(RequestKey key)
    {
        lock (_gate)
        {
            _ended.Remove(key);
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
            if (_ended.Find(key) is null)
            {
                _ended.Add(key, isSpooled: false, clock.GetTimestamp() - before);
                Expire();
            }
        }
    }

    private void Expire()
    {
        while (_ended.Count > Max || (_ended.Count > 0 && clock.GetElapsedTime(_ended.OldestEndedAt) > window))
        {
            _ended.RemoveOldest();
        }
    }

    private readonly record struct Sharer(Action<IngestOutcome> OnEnd, Func<bool>? IsAwaited);
}
