using System.Net;

namespace Collector.Pipeline.Ledger;

/// <summary>
/// Counts the requests that were turned away before any row of them was known, by reason and by who sent them: a sender that
/// is set up wrongly rarely shows the answer that says so, and where nobody else counts it, it is silence. What stays the
/// same is said in the log once a minute at most. Safe for any number of threads.
/// </summary>
internal sealed partial class DoorLedger(TimeProvider clock, ILogger<DoorLedger> log)
{
    // Of a reason and a sender each, some 300 bytes; what comes beyond is counted without a name.
    private const int MaxLines = 1000;
    private const int MaxCharacters = 200;

    private static readonly TimeSpan _silence = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<(DoorReason Reason, IPAddress Sender), Line> _lines = [];
    private readonly Dictionary<DoorReason, long> _requests = [];
    private readonly Dictionary<DoorReason, long> _saidAt = [];
    private readonly ILogger _log = log;

    /// <summary>A request is turned away.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="sender">Who sent it; null where that is not known.</param>
    /// <param name="what">What was wrong, in English; may hold what a stranger wrote.</param>
    /// <returns>True where it is the first of this sender for this reason.</returns>
    public bool TurnAway(DoorReason reason, IPAddress? sender, string? what)
    {
        sender = sender is null ? IPAddress.None : sender.IsIPv4MappedToIPv6 ? sender.MapToIPv4() : sender;
        var shown = Printable(what);
        bool isNew, isSaid;
        long requests;
        lock (_gate)
        {
            _requests[reason] = _requests.GetValueOrDefault(reason) + 1;
            isNew = !_lines.TryGetValue((reason, sender), out var line);
            if (isNew && _lines.Count >= MaxLines)
            {
                // Nobody can be told from others any more.
                sender = IPAddress.None;
                isNew = !_lines.TryGetValue((reason, sender), out line);
            }

            line ??= _lines[(reason, sender)] = new Line();
            line.Requests++;
            line.LastSeen = clock.GetUtcNow();
            line.What = shown;
            requests = line.Requests;
            isSaid = isNew || (reason != DoorReason.Metrics && IsDue(reason));
            if (isSaid)
            {
                _saidAt[reason] = clock.GetTimestamp();
            }
        }

        if (isSaid)
        {
            IsTurnedAway(sender == IPAddress.None ? "unknown" : sender.ToString(), reason.Label(), requests, shown, reason.Remedy());
        }

        return isNew;
    }

    /// <summary>All lines, those of the most requests first.</summary>
    public IReadOnlyList<DoorLine> Read()
    {
        lock (_gate)
        {
            return
            [
                .. from one in _lines
                   orderby one.Value.Requests descending
                   let sender = one.Key.Sender == IPAddress.None ? null : one.Key.Sender
                   select new DoorLine(one.Key.Reason, sender, one.Value.Requests, one.Value.LastSeen, one.Value.What),
            ];
        }
    }

    /// <summary>Requests by reason, since the start.</summary>
    public IReadOnlyList<KeyValuePair<DoorReason, long>> Totals()
    {
        lock (_gate)
        {
            return [.. _requests.OrderBy(static one => one.Key)];
        }
    }

    private bool IsDue(DoorReason reason) =>
        !_saidAt.TryGetValue(reason, out var said) || clock.GetElapsedTime(said) >= _silence;

    // On its way to terminals and pages.
    private static string Printable(string? what) =>
        new([.. (what ?? "").Take(MaxCharacters).Select(static c => char.IsControl(c) || char.IsSurrogate(c) ? ' ' : c)]);

    private sealed class Line
    {
        public long Requests { get; set; }

        public DateTimeOffset LastSeen { get; set; }

        public string What { get; set; } = "";
    }

    [LoggerMessage(LogLevel.Warning, "A request of {Sender} is turned away ({Reason}, {Requests} so far): {What}. What helps: {Remedy}")]
    private partial void IsTurnedAway(string sender, string reason, long requests, string what, string remedy);
}

/// <summary>Requests of one sender that were turned away for one reason, since the start.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Sender">Its address; null where there were too many to tell them apart.</param>
/// <param name="Requests">How many.</param>
/// <param name="LastSeen">When the last one came.</param>
/// <param name="What">What was wrong with that.</param>
internal sealed record DoorLine(DoorReason Reason, IPAddress? Sender, long Requests, DateTimeOffset LastSeen, string What);
