using System.Globalization;
using System.Net;

namespace Collector.Hosting;

/// <summary>Reads typed values from the configuration; a value that is not legal becomes a mistake, not an exception.</summary>
internal sealed class SettingsReader(IConfiguration configuration)
{
    private readonly List<string> _mistakes = [];
    private readonly HashSet<string> _known = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _lists = [];

    public IReadOnlyList<string> Mistakes => _mistakes;

    public void Mistake(string key, string? value, string legal) =>
        _mistakes.Add($"{key}: '{value}' is not legal; legal is {legal}.");

    public void Mistake(string line) => _mistakes.Add(line);

    public void Word(string key, Action<string> set, Func<string, bool> isLegal, string legal)
    {
        if (Text(key) is { } text)
        {
            Take(key, text, isLegal(text), () => set(text), legal);
        }
    }

    /// <summary>A moment, in UTC unless it says otherwise.</summary>
    public void Time(string key, Action<DateTimeOffset> set)
    {
        if (Text(key) is { } text)
        {
            var legal = DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var value);
            Take(key, text, legal, () => set(value), "a date or a time in ISO 8601, such as 2027-01-31T12:00:00Z");
        }
    }

    /// <summary>A list of sections: a JSON array, or <c>Key__0__Member</c> and so on.</summary>
    public void Items<T>(string key, Func<SettingsReader, string, T> readOne, Action<IReadOnlyList<T>> set)
    {
        _known.Add(key);
        if (configuration.GetSection(key).GetChildren().Select(child => readOne(this, child.Path)).ToArray() is { Length: > 0 } items)
        {
            set(items);
        }
    }

    public void Number(string key, Action<long> set, long min, long max)
    {
        if (Text(key) is { } text)
        {
            Take(key, text, TryNumber(text, out var value) && value >= min && value <= max, () => set(value),
                $"a whole number from {min} to {max}");
        }
    }

    /// <summary>A number, 0 for what <paramref name="zero"/> says, or <c>none</c> for another number.</summary>
    public void NumberOrNone(string key, Action<long> set, long min, long max, long none, string zero)
    {
        if (Text(key) is { } text)
        {
            var isNone = text.Equals("none", StringComparison.OrdinalIgnoreCase);
            var legal = TryNumber(text, out var value) && (value == 0 || (value >= min && value <= max));
            Take(key, text, isNone || legal, () => set(isNone ? none : value), $"0 ({zero}), none, or a whole number from {min} to {max}");
        }
    }

    public void Flag(string key, Action<bool> set)
    {
        if (Text(key) is { } text)
        {
            Take(key, text, bool.TryParse(text, out var value), () => set(value), "true or false");
        }
    }

    public void Span(string key, Action<TimeSpan> set, TimeSpan min, TimeSpan max)
    {
        if (Text(key) is { } text)
        {
            // TimeSpan reads "10" alone as ten days, which no operator means.
            var legal = text.Contains(':', StringComparison.Ordinal)
                & TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max;
            Take(key, text, legal, () => set(value), $"[days.]hours:minutes:seconds[.fraction] from {min:c} to {max:c}");
        }
    }

    public void Choice<T>(string key, Action<T> set)
        where T : struct, Enum
    {
        if (Text(key) is { } text)
        {
            var legal = Enum.TryParse<T>(text, ignoreCase: true, out var value) && Enum.IsDefined(value)
                && !char.IsAsciiDigit(text[0]);
            Take(key, text, legal, () => set(value), string.Join(" or ", Enum.GetNames<T>()));
        }
    }

    public void Endpoint(string key, Action<IPEndPoint> set)
    {
        if (Text(key) is { } text)
        {
            // Without a colon behind the address, the parser would take port 0.
            var legal = IPEndPoint.TryParse(text, out var value)
                && text.EndsWith($":{value.Port}", StringComparison.Ordinal);
            Take(key, text, legal, () => set(value!), "IP:PORT, such as 127.0.0.1:4317, 0.0.0.0:4317 or [::1]:4317; port 0 picks a free one");
        }
    }

    public void Path(string key, Action<string> set)
    {
        if (Text(key) is { } text)
        {
            Take(key, text, IsPath(text), () => set(text), "a path to a folder");
        }
    }

    /// <summary>A path, or empty where another setting gives it.</summary>
    public void PathOrEmpty(string key, Action<string> set)
    {
        if (Text(key) is { } text)
        {
            var legal = text.Length == 0 || IsPath(text);
            Take(key, text, legal, () => set(text), "empty, or a path to a folder");
        }
    }

    public void FileOrEmpty(string key, Action<string> set)
    {
        if (Text(key) is { } text)
        {
            var legal = text.Length == 0 || IsPath(text);
            Take(key, text, legal, () => set(text), "empty, or a path to a file in PEM");
        }
    }

    /// <summary>A URL, or empty: null.</summary>
    public void Url(string key, Action<Uri?> set)
    {
        if (Text(key) is { } text)
        {
            var legal = Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https";
            Take(key, text, legal || text.Length == 0, () => set(url), "empty, or http://HOST[:PORT] or https://HOST[:PORT]");
        }
    }

    /// <summary>A list: a JSON array, <c>Key__0</c> and so on, or one text with commas.</summary>
    public void Words(string key, Action<IReadOnlyList<string>> set, Func<string, bool> isLegal, string legal)
    {
        _known.Add(key);
        _lists.Add(key + ":");
        var section = configuration.GetSection(key);
        var children = section.GetChildren().ToArray();
        string[]? words = children.Length > 0 ? [.. children.Select(child => child.Value ?? "")]
            : section.Value is { } text ? text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            : null;
        if (words is null)
        {
            return;
        }

        // The value itself stays out of the message: keys are secrets.
        var wrong = Array.FindIndex(words, word => !isLegal(word));
        Take(key, $"entry {wrong}", wrong < 0, () => set(words), $"a list, each entry {legal}");
    }

    /// <summary>A list of addresses and networks.</summary>
    public void Networks(string key, Action<IReadOnlyList<IPNetwork>> set) => Words(
        key, words => set(words.Select(static word => ToNetwork(word)!.Value).ToArray()), static word => ToNetwork(word) is not null,
        "an IP address, or a network such as 10.0.0.0/8");

    /// <summary>Reports what is set and was never asked for.</summary>
    public void RejectUnknown()
    {
        foreach (var (key, value) in configuration.AsEnumerable())
        {
            if (value is not null && !_known.Contains(key) && !_lists.Any(list => key.StartsWith(list, StringComparison.OrdinalIgnoreCase)))
            {
                var section = key.Split(':')[0] + ":";
                var near = _known.Where(k => k.StartsWith(section, StringComparison.OrdinalIgnoreCase)).ToArray();
                _mistakes.Add($"{key}: no such setting; legal are {string.Join(", ", near.Length > 0 ? near : [.. _known])}.");
            }
        }
    }

    private static IPNetwork? ToNetwork(string word) =>
        IPAddress.TryParse(word, out var address) ? new IPNetwork(address, 8 * address.GetAddressBytes().Length)
        : IPNetwork.TryParse(word, out var network) ? network
        : null;

    private static bool IsPath(string text) =>
        !string.IsNullOrWhiteSpace(text) && !text.Contains('\0', StringComparison.Ordinal);

    private static bool TryNumber(string text, out long value) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);

    private string? Text(string key)
    {
        _known.Add(key);
        return configuration[key];
    }

    private void Take(string key, string text, bool isLegal, Action set, string legal)
    {
        if (isLegal)
        {
            set();
        }
        else
        {
            Mistake(key, text, legal);
        }
    }
}
