using System.Globalization;
using Collector.Model;
using Microsoft.AspNetCore.Http.Features;

namespace Collector.Query;

/// <summary>Reads the parameters of one question; the first that is wrong becomes its <see cref="Problem"/>.</summary>
internal sealed class ParameterReader(HttpRequest request, DateTimeOffset now)
{
    private const int MaxConditions = 20;
    private const string LegalTime = "an ISO-8601 time such as 2026-01-31T12:00:00Z, or a span back from now such as 15m, 2h or 7d";

    // Clocks of producers are this far off without anybody noticing.
    private static readonly TimeSpan _unpunctual = TimeSpan.FromMinutes(1);

    private readonly IQueryCollection _query = request.Query;
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    // Names that hold an operator, or the attribute's own name.
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);

    public Problem? Problem { get; private set; }

    public string? Text(string name, int maxCharacters)
    {
        var value = Single(name);
        if (value is null || (value.Length > 0 && value.Length <= maxCharacters))
        {
            return value;
        }

        return Fail<string>(name, value, $"1 to {maxCharacters} characters");
    }

    /// <summary>A text, of which an empty one is none: an empty search box filters nothing.</summary>
    public string? OptionalText(string name, int maxCharacters) => Single(name) switch
    {
        "" or null => null,
        { } value when value.Length <= maxCharacters => value,
        { } value => Fail<string>(name, value, $"0 to {maxCharacters} characters"),
    };

    /// <summary>An id without the spaces that came along when it was copied.</summary>
    public string? Id(string name, int maxCharacters) => Text(name, maxCharacters)?.Trim() is { } id
        ? id.Length > 0 ? id : Fail<string>(name, id, $"1 to {maxCharacters} characters")
        : null;

    /// <summary>A trace id in any of its forms, as the 32 lower-case digits of the column.</summary>
    public string? TraceId(string name)
    {
        var value = Single(name);
        return value is null ? null
            : IdText.TryTrace(value, out var id) ? id.ToString("x32", CultureInfo.InvariantCulture)
            : Fail<string>(name, value, "a trace id: 32 or 16 hexadecimal digits, a traceparent, or another common form of it");
    }

    public Level Level(string name) =>
        Single(name) is not { } value ? Model.Level.Debug
        : Names.TryParse(value, out Level level) ? level
        : Fail<Level>(name, value, string.Join(", ", Names.Levels) + " (this or worse)");

    public int Number(string name, int fallback, int min, int max) =>
        Single(name) is not { } value ? fallback
        : int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
            ? number
            : Fail<int>(name, value, $"a whole number from {min} to {max}");

    public Kind? Kind(string name) =>
        Single(name) is not { } value ? null
        : Names.TryParse(value, out Kind kind) ? kind
        : Fail<Kind?>(name, value, string.Join(", ", Names.Kinds));

    /// <summary>Conditions on a number, as <c>name&gt;=5</c>; several must all hold.</summary>
    public IReadOnlyList<NumberCondition> Numbers(string name)
    {
        _known.Add(name);
        var found = new List<NumberCondition>();
        foreach (var condition in Conditions(key => NameOf(key) == name))
        {
            if (condition.Number is { } number)
            {
                found.Add(new NumberCondition(condition.Comparison, number));
            }
            else
            {
                Fail<object>(name, condition.Value, "a number behind =, <, <=, > or >=");
            }
        }

        return found;
    }

    /// <summary>Conditions on attributes, as <c>attr.NAME=value</c>; several must all hold.</summary>
    public IReadOnlyList<AttributeCondition> Attributes(string prefix)
    {
        _known.Add(prefix + "NAME");
        var found = new List<AttributeCondition>();
        foreach (var condition in Conditions(key => key.StartsWith(prefix, StringComparison.Ordinal)))
        {
            var name = condition.Name[prefix.Length..];
            if (name.Length == 0 || (condition.Comparison != Comparison.Equal && !condition.IsExact))
            {
                Fail<object>(condition.Name, condition.Value, "attr.NAME=value, or a number behind <, <=, > or >=");
            }

            found.Add(new AttributeCondition(name, condition.Comparison, condition.Value));
        }

        return found;
    }

    /// <summary>A time, or a span back from now.</summary>
    public ulong Time(string name, ulong fallback) =>
        Single(name) is not { } value ? fallback
        : TimeSpans.TryParse(value, out var span) ? Timestamps.ToNanos(now - span)
        : Timestamps.TryParse(value, out var nanos) ? nanos
        : Fail<ulong>(name, value, LostItsPlus(value) ? "+ written as %2B, since a + in an address is a space; or Z" : LegalTime);

    /// <summary>A range of time by <c>from</c> and <c>to</c>; without them it ends now.</summary>
    public (ulong From, ulong To) Range(TimeSpan defaultLength)
    {
        var to = Time("to", Timestamps.ToNanos(now));
        var from = Time("from", Timestamps.ToNanos(now - defaultLength));
        if (from < to)
        {
            return (from, to);
        }

        FailOrder(from);
        return (0, 1);
    }

    /// <summary>
    /// A range of time that may be empty; without <c>from</c> and <c>to</c> it is all time.
    /// </summary>
    /// <param name="endsNow">
    /// A span back from now ends in a minute: what bears a later time did not happen in it, whatever its producer's clock says.
    /// </param>
    public (ulong From, ulong To) OpenRange(bool endsNow)
    {
        var latest = endsNow && IsSpan("from") ? Timestamps.ToNanos(now + _unpunctual) : ulong.MaxValue;
        var (from, to) = (Time("from", 0), Time("to", latest));
        if (from > to)
        {
            FailOrder(from);
        }

        return (from, to);
    }

    public bool IsGiven(string name) => _query.ContainsKey(name);

    /// <summary>Whether a time counts back from now.</summary>
    public bool IsSpan(string name) => _query[name] is [{ } value] && TimeSpans.TryParse(value, out _);

    /// <summary>A length of time from a second to a day, in nanoseconds.</summary>
    public ulong? Step(string name) =>
        Single(name) is not { } value ? null
        : TimeSpans.TryParse(value, out var span) && span >= TimeSpan.FromSeconds(1) && span <= TimeSpan.FromDays(1) ? (ulong)span.Ticks * 100
        : Fail<ulong?>(name, value, "a length from 1s to 1d, such as 30s, 5m, 1h or 1d");

    /// <summary>Notes a mistake that only the caller can judge.</summary>
    public void Wrong(string name, string value, string legal) => Fail<object>(name, value, legal);

    /// <summary>Whether the first of two words holds, which is the default.</summary>
    public bool Choice(string name, string first, string second) =>
        Single(name) is not { } value || value == first
        || (value == second ? false : Fail<bool>(name, value, $"{first} or {second}"));

    /// <summary>The end of the path, behind its first parts.</summary>
    public string? PathEnd(string name, int parts, int maxCharacters)
    {
        var value = RawPath.EndOf(request.HttpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget, parts);
        return value.Length > 0 && value.Length <= maxCharacters ? value : Fail<string>(name, value, $"1 to {maxCharacters} characters");
    }

    /// <summary>A live event's id, which a header may give as well.</summary>
    public Arrival? Arrival(string name, string header)
    {
        if ((Single(name) ?? (string?)request.Headers[header]) is not { Length: > 0 } value)
        {
            return null;
        }

        var dash = value.IndexOf('-', StringComparison.Ordinal);
        return dash > 0
            && int.TryParse(value.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out var segment)
            && long.TryParse(value.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var row)
                ? new Arrival(segment, row)
                : Fail<Arrival?>(name, value, "the id of a live event, such as 3-1204");
    }

    public PageCursor? Cursor(string name) =>
        Single(name) is not { } value ? null
        : PageCursor.TryParse(value, out var cursor) ? cursor
        : Fail<PageCursor?>(name, value, "next_cursor of an earlier answer to the same question");

    public WorkersCursor? WorkersCursor(string name) =>
        Single(name) is not { } value ? null
        : Query.WorkersCursor.TryParse(value, out var cursor) ? cursor
        : Fail<WorkersCursor?>(name, value, "next_cursor of an earlier answer to the same question");

    /// <summary>Without this, a misspelt filter would silently not filter.</summary>
    public void RejectUnknown()
    {
        if (_query.Keys.FirstOrDefault(key => !_known.Contains(key) && !_taken.Contains(key)) is { } unknown)
        {
            var legal = _known.Count == 0 ? "none is legal" : $"legal are {string.Join(", ", _known)}";
            Problem ??= new Problem(
                "Unknown parameter", StatusCodes.Status400BadRequest, $"There is no such parameter here; {legal}.", unknown);
        }
    }

    // 2026-01-31T12:00:00+01:00 arrives with a space.
    private static bool LostItsPlus(string value) =>
        value.LastIndexOf(' ') is >= 0 and var at && Timestamps.TryParse($"{value.AsSpan(0, at)}+{value.AsSpan(at + 1)}", out _);

    private void FailOrder(ulong from) => Fail<object>("from", Timestamps.ToText(from), "a time before that of the parameter to");

    private static string NameOf(string key)
    {
        var at = ConditionText.OperatorOf(key);
        return at < 0 ? key : key[..at];
    }

    private IEnumerable<ConditionText> Conditions(Func<string, bool> isMeant)
    {
        var conditions = _query.Keys.Where(isMeant)
            .SelectMany(key => _query[key].Select(value => (Key: key, Condition: ConditionText.Of(key, value)))).ToArray();
        foreach (var (key, _) in conditions)
        {
            _taken.Add(key);
        }

        if (conditions.Length > MaxConditions)
        {
            Fail<object>(NameOf(conditions[0].Key), $"{conditions.Length} conditions", $"at most {MaxConditions}");
        }

        return conditions.Where(static c => c.Condition is not null).Select(static c => c.Condition!.Value);
    }

    private string? Single(string name)
    {
        _known.Add(name);
        var values = _query[name];
        return values.Count switch
        {
            0 => null,
            1 => values[0],
            _ => Fail<string>(name, values.ToString(), "one value"),
        };
    }

    private T? Fail<T>(string name, string? value, string legal)
    {
        Problem ??= Problem.BadParameter(name, value, legal);
        return default;
    }
}
