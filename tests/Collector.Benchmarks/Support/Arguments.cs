using System.Globalization;

namespace Collector.Benchmarks.Support;

/// <summary>What was asked for on the command line: a name, then pairs of option and value.</summary>
internal sealed class Arguments
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    private Arguments(string? name) => Name = name;

    public string? Name { get; }

    /// <summary>Throws <see cref="ArgumentException"/> with what is legal where it is not understood.</summary>
    public static Arguments Parse(string[] args, params string[] legal)
    {
        var parsed = new Arguments(args.Length > 0 ? args[0] : null);
        for (var i = 1; i < args.Length; i += 2)
        {
            if (!legal.Contains(args[i]) || i + 1 == args.Length)
            {
                throw new ArgumentException($"'{args[i]}' is no option with a value; legal are {string.Join(", ", legal)}.");
            }

            parsed._values[args[i]] = args[i + 1];
        }

        return parsed;
    }

    public string Text(string option) =>
        _values.TryGetValue(option, out var value) ? value : throw new ArgumentException($"{option} is missing.");

    /// <summary>A whole number that is not negative.</summary>
    public long Number(string option, long fallback)
    {
        if (!_values.TryGetValue(option, out var text))
        {
            return fallback;
        }

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new ArgumentException($"{option} is '{text}'; a whole number is legal.");
    }
}
