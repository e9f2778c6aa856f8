using System.Globalization;
using System.Text.RegularExpressions;
using Collector.Model;
using Collector.Pipeline.Ledger;
using Collector.Storage.Sqlite.Segments;

namespace Collector.Tests.Faults;

/// <summary>Asks a Collector that was started without faults what is left, and judges it.</summary>
internal static partial class Aftermath
{
    private const int MostLooks = 20;

    /// <param name="answers">Of the one that was started.</param>
    /// <param name="folder">Its data.</param>
    /// <param name="producing">What was sent and acknowledged.</param>
    /// <param name="mayLose">Files were damaged, so that rows may be gone where ledger and gaps say so.</param>
    /// <param name="maySetAside">A file may stand there under another name, because it had to be given up.</param>
    /// <param name="log">All that was said in its lives: what left to make room is no loss.</param>
    /// <param name="stopAsync">Stops it, so that no file is in the middle of something; false where it hangs.</param>
    public static async Task<LifeFigures> TellAsync(
        Answers answers, string folder, Producing producing, bool mayLose, bool maySetAside, Func<string> log, Func<Task<bool>> stopAsync)
    {
        var (ledger, isSettled) = await answers.SettleAsync();
        var listing = await answers.ListAsync();
        for (var look = 0; mayLose && look < MostLooks && ledger?.Stored != listing.Messages.Count; look++)
        {
            // Damage is found by reading, and what can be saved of the file is saved meanwhile.
            (ledger, isSettled) = await answers.SettleAsync();
            listing = await answers.ListAsync();
        }

        var left = LeftToMakeRoom().Matches(log()).Sum(static segment => int.Parse(segment.Groups["rows"].Value, CultureInfo.InvariantCulture));
        var lost = Math.Max(0, producing.Acknowledged.Except(listing.Messages).Count() - left);
        var strange = listing.Messages.Except(producing.Sent).Count();
        var metrics = await AnswersTo(answers, "/api/metrics?from=1h&to=0s&step=1m");
        var workers = await AnswersTo(answers, "/api/workers");
        var segments = await answers.SegmentsAsync();
        var isStopped = await stopAsync();
        var strays = Strays(folder, segments, mayLose || maySetAside);
        IEnumerable<string?> wrongs =
        [
            isSettled ? null : $"it does not settle: {ledger}",
            listing.Failure is null ? null : $"the listing breaks off: {listing.Failure}",
            metrics,
            workers,
            lost == 0 || mayLose ? null : $"{lost} acknowledged rows are not found",
            listing.Twice == 0 ? null : $"{listing.Twice} rows are found twice",
            // A bit that flips within a text is another text: rows have no checksum of their own.
            strange == 0 || mayLose ? null : $"{strange} rows are found that nobody sent",
            ledger is { IsBalanced: true } ? null : $"the ledger does not balance: {ledger}",
            JudgeLoss(ledger, listing, lost - strange, left),
            isStopped ? null : "it does not stop, or says that it lost rows",
            strays.Count == 0 ? null : $"files are left over: {string.Join(", ", strays)}",
            producing.FinalRefusals == 0 ? null : $"{producing.FinalRefusals} requests were refused for good",
        ];
        return new LifeFigures(producing.Acknowledged.Count, lost, listing.Twice, ledger, [.. wrongs.OfType<string>()]);
    }

    private static async Task<string?> AnswersTo(Answers answers, string path)
    {
        var (status, json) = await answers.AskAsync(path);
        return status == 200 ? null : $"{path} is answered {status}: {json}";
    }

    // What is gone has left "stored" and stands in "dropped", and a gap names its time. Of what went with the end of a WAL nobody
    // knows whose it was or how much: then the gap says that.
    private static string? JudgeLoss(LedgerCounts? ledger, Listing listing, int lost, int left)
    {
        if (ledger is not { } counts || listing.Failure is not null)
        {
            return null;
        }

        return counts.Stored != listing.Messages.Count + left
            ? $"the ledger has {counts.Stored} rows as stored, {listing.Messages.Count} are found, {left} left to make room ({Show(listing)})"
            : counts.Dropped < lost && !listing.Gaps.Any(static gap => gap.Worker == Gap.UnknownWorker)
                ? $"{lost} acknowledged rows are gone, the ledger has {counts.Dropped} as dropped ({Show(listing)})"
                : lost > 0 && listing.Gaps.Count == 0 ? $"{lost} acknowledged rows are gone and no gap says so" : null;
    }

    private static string Show(Listing listing) => listing.Gaps.Count == 0 ? "no gap" : string.Join("; ", listing.Gaps.Take(5));

    // Files that nothing accounts for: neither a segment that is listed, or was begun by the last write before the stop, nor
    // its WAL, a lock, or the spool's.
    private static List<string> Strays(string folder, IReadOnlyList<string> segments, bool maySetAside) =>
    [
        .. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(folder, path))
            .Where(name => !Known().IsMatch(name) && !IsSegment(Companion().Replace(name, ""), segments)
                && !(maySetAside && SetAside().IsMatch(name)))
            .Select(name => $"{name} ({new FileInfo(Path.Combine(folder, name)).Length} bytes)"),
    ];

    private static bool IsSegment(string name, IReadOnlyList<string> segments) =>
        segments.Contains(name)
        || (segments is [.., var last] && SegmentName.TryParse(name, out var one) && SegmentName.TryParse(last, out var newest)
            && one == newest.Next);

    [GeneratedRegex(@"^(collector\.(lock|pid|alive)|spool/[^/]*\.(lock|pid)|spool/spool\.db(-wal|-shm)?|spool/spool-\d+\.bin)$")]
    private static partial Regex Known();

    [GeneratedRegex(@"segment-\d+\.db is deleted by the rule of (bytes|space)\D*(?<rows>\d+) rows")]
    private static partial Regex LeftToMakeRoom();

    [GeneratedRegex("-(wal|shm)$")]
    private static partial Regex Companion();

    // Given up, its name says so and when.
    [GeneratedRegex(@"\.damaged|^spool/.*\d{4}.*|\.failed|\.unsynced|\.aside")]
    private static partial Regex SetAside();
}
