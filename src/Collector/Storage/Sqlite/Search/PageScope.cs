using System.Text;
using Collector.Model;
using Collector.Storage.Sqlite.Segments;
using Collector.Storage.Sqlite.TextIndex;

namespace Collector.Storage.Sqlite.Search;

/// <summary>A question in the forms that segments are searched by, and how far its answer has come.</summary>
internal sealed class PageScope
{
    private readonly RowMatcher _matcher;

    public PageScope(LogQuery query, IdHasher hasher)
    {
        Query = query;
        _matcher = new RowMatcher(query);
        Correlation = Utf8(query.CorrelationId);
        Trace = Utf8(query.TraceId);
        Request = Utf8(query.RequestId);
        Worker = Utf8(query.Worker);
        Outcome = Utf8(query.Outcome);
        CorrelationHash = Correlation is null ? null : hasher.Of(Correlation);
        if (query.TraceId is not null)
        {
            MatchesNothing = !TraceIds.TryParse(Trace, out var trace);
            TraceHash = hasher.Of(trace);
        }

        // An id has few rows, all of which are looked at anyway.
        IsForText = query.Text is not null && Correlation is null && Trace is null && Request is null;
        Text = IsForText ? TextKey.TryOf(query.Text) : null;
        After = query.After;
    }

    public LogQuery Query { get; }

    public byte[]? Correlation { get; }

    public byte[]? Trace { get; }

    public byte[]? Request { get; }

    public byte[]? Worker { get; }

    public byte[]? Outcome { get; }

    public ulong? CorrelationHash { get; }

    public ulong? TraceHash { get; }

    /// <summary>Many rows may have to be looked through for a text.</summary>
    public bool IsForText { get; }

    /// <summary>What a text index is asked for; null where it could tell nothing of use.</summary>
    public TextKey? Text { get; }

    /// <summary>Rows that were looked up so far, to see whether they match.</summary>
    public long RowsRead { get; set; }

    /// <summary>No row can match.</summary>
    public bool MatchesNothing { get; }

    /// <summary>Only rows behind this place.</summary>
    public Position? After { get; set; }

    /// <summary>
    /// The range of time (its end exclusive) in which rows are wanted. The place that was reached bounds it too, so
    /// that what earlier pages gave is skipped.
    /// </summary>
    public (ulong From, ulong To) Range
    {
        get
        {
            var from = After is { } low && !Query.Descending ? low.TimestampNanos : 0;
            var to = After is { TimestampNanos: < ulong.MaxValue } high && Query.Descending
                ? high.TimestampNanos + 1
                : ulong.MaxValue;
            return (Math.Max(Query.From, from), Math.Min(Query.To, to));
        }
    }

    /// <summary>Whether a row matches, whatever an index has left open.</summary>
    public bool Matches(in StoredRow row) => _matcher.Matches(row);

    /// <inheritdoc cref="RowMatcher.MayMatch"/>
    public bool MayMatch(ReadOnlySpan<byte> level, ReadOnlySpan<byte> worker, ReadOnlySpan<byte> message, ReadOnlySpan<byte> context) =>
        _matcher.MayMatch(level, worker, message, context);

    private static byte[]? Utf8(string? text) => text is null ? null : Encoding.UTF8.GetBytes(text);
}
