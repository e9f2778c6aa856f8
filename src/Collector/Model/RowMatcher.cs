using System.Text;

namespace Collector.Model;

/// <summary>Decides whether a row passes a filter, reading the row's own bytes. Safe for threads.</summary>
internal sealed class RowMatcher
{
    private readonly RowFilter _filter;
    private readonly byte[]? _correlation;
    private readonly byte[]? _trace;
    private readonly byte[]? _request;
    private readonly byte[]? _worker;
    private readonly byte[]? _outcome;
    private readonly TextNeedle? _text;
    private readonly AttributeMatcher[] _attributes;

    public RowMatcher(RowFilter filter)
    {
        _filter = filter;
        _correlation = Utf8(filter.CorrelationId);
        _trace = Utf8(filter.TraceId);
        _request = Utf8(filter.RequestId);
        _worker = Utf8(filter.Worker);
        _outcome = Utf8(filter.Outcome);
        _text = filter.Text is null ? null : new TextNeedle(filter.Text);
        _attributes = [.. filter.Attributes.Select(static condition => new AttributeMatcher(condition))];
    }

    // What costs least first.
    public bool Matches(in StoredRow row) =>
        row.Position.TimestampNanos >= _filter.From && row.Position.TimestampNanos < _filter.To
        && (_filter.MinLevel == Level.Debug || Names.LevelOf(row.LogLevel) >= _filter.MinLevel)
        && (_filter.Kind is null || Names.KindOf(row.Kind) == _filter.Kind)
        && Equal(_worker, row.WorkerName)
        && Equal(_correlation, row.CorrelationId)
        && Equal(_trace, row.TraceId)
        && Equal(_request, row.RequestId)
        && Equal(_outcome, row.Outcome)
        && HasWallTime(row)
        && HasText(row.Message, row.ContextJson)
        && HasAttributes(row);

    /// <summary>Whether a row may match of which only so much is known. Most that don't are turned away by it.</summary>
    public bool MayMatch(ReadOnlySpan<byte> level, ReadOnlySpan<byte> worker, ReadOnlySpan<byte> message, ReadOnlySpan<byte> context) =>
        (_filter.MinLevel == Level.Debug || Names.LevelOf(level) >= _filter.MinLevel)
        && Equal(_worker, worker)
        && HasText(message, context);

    private static bool Equal(byte[]? wanted, ReadOnlySpan<byte> value) => wanted is null || value.SequenceEqual(wanted);

    private static byte[]? Utf8(string? text) => text is null ? null : Encoding.UTF8.GetBytes(text);

    private bool HasText(ReadOnlySpan<byte> message, ReadOnlySpan<byte> context) =>
        _text is null || _text.IsIn(message) || _text.IsInJson(context);

    private bool HasWallTime(in StoredRow row)
    {
        foreach (var condition in _filter.WallTime)
        {
            if (row.WallTimeMs is not { } duration || !condition.Holds(duration))
            {
                return false;
            }
        }

        return true;
    }

    private bool HasAttributes(in StoredRow row)
    {
        foreach (var attribute in _attributes)
        {
            if (!attribute.Matches(row.ContextJson) && !attribute.Matches(row.ResourceJson))
            {
                return false;
            }
        }

        return true;
    }
}
