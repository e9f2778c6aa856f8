using System.Globalization;
using Collector.Model;
using Microsoft.AspNetCore.Http;

namespace Collector.Query;

/// <summary>Reads the parameters of one question; the first that is wrong becomes its <see cref="Problem"/>.</summary>
internal sealed class ParameterReader(IQueryCollection query, DateTimeOffset now)
{
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    public Problem? Problem { get; private set; }

    public string? Text(string name, int mostCharacters)
    {
        var value = Single(name);
        if (value is null || (value.Length > 0 && value.Length <= mostCharacters))
        {
            return value;
        }

        return Fail<string>(name, value, $"1 to {mostCharacters} characters");
    }

    public string? TraceId(string name)
    {
        var value = Single(name);
        return value is null || (value.Length == 32 && value.All(char.IsAsciiHexDigit))
            ? value?.ToLowerInvariant()
            : Fail<string>(name, value, "32 hexadecimal digits");
    }

    public Level Level(string name) =>
        Single(name) is not { } value ? Model.Level.Debug
        : Names.TryParse(value, out Level level) ? level
        : Fail<Level>(name, value, string.Join(", ", Names.Levels) + " (this or worse)");

    public int Number(string name, int usual, int min, int max) =>
        Single(name) is not { } value ? usual
        : int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
            ? number
            : Fail<int>(name, value, $"a whole number from {min} to {max}");

    /// <summary>A time, or a span back from now.</summary>
    public ulong Time(string name, ulong usual) =>
        Single(name) is not { } value ? usual
        : TimeSpans.TryParse(value, out var span) ? Timestamps.ToNanos(now - span)
        : Timestamps.TryParse(value, out var nanos) ? nanos
        : Fail<ulong>(name, value, "an ISO-8601 time such as 2026-01-31T12:00:00Z, or a span back from now such as 15m, 2h or 7d");

    public bool Choice(string name, string usual, string other) =>
        Single(name) is not { } value || value == usual
        || (value == other ? false : Fail<bool>(name, value, $"{usual} or {other}"));

    public PageCursor? Cursor(string name) =>
        Single(name) is not { } value ? null
        : PageCursor.TryParse(value, out var cursor) ? cursor
        : Fail<PageCursor?>(name, value, "next_cursor of an earlier answer to the same question");

    /// <summary>A parameter that nobody asked for is a filter that would silently not filter.</summary>
    public void RejectUnknown()
    {
        if (query.Keys.FirstOrDefault(key => !_known.Contains(key)) is { } unknown)
        {
            Problem ??= new Problem(StatusCodes.Status400BadRequest, "Unknown parameter",
                $"There is no such parameter here; legal are {string.Join(", ", _known)}.", unknown);
        }
    }

    private string? Single(string name)
    {
        _known.Add(name);
        var values = query[name];
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
