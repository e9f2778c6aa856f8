using System.Globalization;
using System.Text;
using Label = System.Collections.Generic.KeyValuePair<string, object?>;

namespace Collector.Diagnostics;

/// <summary>The values of one combination of labels: one value, or a histogram whose buckets, sum and count are consistent.</summary>
internal sealed class MetricSeries(Label[] labels, IReadOnlyList<double>? bounds)
{
    private readonly Lock _gate = new();
    private readonly long[]? _buckets = bounds is null ? null : new long[bounds.Count + 1];

    // The value, or the sum of a histogram.
    private double _value;

    /// <summary>The labels as they are written, without braces.</summary>
    public string Text { get; } = string.Join(',', labels.Select(static label => $"{label.Key}=\"{Escape(label.Value)}\""));

    public bool Has(ReadOnlySpan<Label> others)
    {
        if (others.Length != labels.Length)
        {
            return false;
        }

        for (var i = 0; i < others.Length; i++)
        {
            if (!ReferenceEquals(others[i].Value, labels[i].Value) && !Equals(others[i].Value, labels[i].Value))
            {
                return false;
            }
        }

        return true;
    }

    public void Take(double value, bool isObserved)
    {
        lock (_gate)
        {
            _value = isObserved ? value : _value + value;
            if (_buckets is not null)
            {
                _buckets[BucketOf(value)]++;
            }
        }
    }

    public void Write(StringBuilder text, string name)
    {
        double value;
        long[]? buckets;
        lock (_gate)
        {
            value = _value;
            buckets = (long[]?)_buckets?.Clone();
        }

        if (buckets is null)
        {
            WriteSample(text, name, "", Text, value);
            return;
        }

        var count = 0L;
        for (var i = 0; i < buckets.Length; i++)
        {
            count += buckets[i];
            var bound = i < bounds!.Count ? bounds[i].ToString(CultureInfo.InvariantCulture) : "+Inf";
            WriteSample(text, name, "_bucket", $"{Text}{(Text.Length > 0 ? "," : "")}le=\"{bound}\"", count);
        }

        WriteSample(text, name, "_sum", Text, value);
        WriteSample(text, name, "_count", Text, count);
    }

    private static void WriteSample(StringBuilder text, string name, string suffix, string labels, double value)
    {
        text.Append(name).Append(suffix);
        if (labels.Length > 0)
        {
            text.Append('{').Append(labels).Append('}');
        }

        text.Append(' ').Append(value.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }

    private static string Escape(object? value) => $"{value}".Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    // A value that equals a bound counts below it, as Prometheus has it. Exponential buckets would be off by 1 % there.
    private int BucketOf(double value)
    {
        var i = 0;
        while (i < bounds!.Count && value > bounds[i])
        {
            i++;
        }

        return i;
    }
}
