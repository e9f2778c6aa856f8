using System.Diagnostics.Metrics;
using System.Text;
using Label = System.Collections.Generic.KeyValuePair<string, object?>;

namespace Collector.Diagnostics;

/// <summary>One instrument as Prometheus sees it: a name, a type, and a series for each combination of labels.</summary>
internal sealed class MetricFamily
{
    // Labels have few values; more than these would be a mistake in the code, and must not become a leak.
    private const int MaxSeries = 1000;

    private readonly Lock _gate = new();
    private readonly string _type;
    private readonly string _help;
    private readonly bool _isObserved;
    private readonly IReadOnlyList<double>? _bounds;
    private volatile MetricSeries[] _series = [];

    public MetricFamily(Instrument instrument)
    {
        var isCounter = instrument is Counter<long> or Counter<double> or ObservableCounter<long> or ObservableCounter<double>;
        _bounds = instrument is Histogram<double> histogram ? histogram.Advice?.HistogramBucketBoundaries ?? [] : null;
        _isObserved = instrument.IsObservable;
        _type = _bounds is not null ? "histogram" : isCounter ? "counter" : "gauge";
        _help = (instrument.Description ?? "").Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        Name = instrument.Name.Replace('.', '_')
            + instrument.Unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" }
            + (isCounter ? "_total" : "");
    }

    public string Name { get; }

    public void Take(double value, ReadOnlySpan<Label> labels)
    {
        if ((Find(_series, labels) ?? Add(labels)) is { } series)
        {
            series.Take(value, _isObserved);
        }
    }

    public void Write(StringBuilder text)
    {
        text.Append("# HELP ").Append(Name).Append(' ').Append(_help).Append('\n');
        text.Append("# TYPE ").Append(Name).Append(' ').Append(_type).Append('\n');
        foreach (var series in _series.OrderBy(static series => series.Text, StringComparer.Ordinal))
        {
            series.Write(text, Name);
        }
    }

    private static MetricSeries? Find(MetricSeries[] all, ReadOnlySpan<Label> labels)
    {
        foreach (var series in all)
        {
            if (series.Has(labels))
            {
                return series;
            }
        }

        return null;
    }

    private MetricSeries? Add(ReadOnlySpan<Label> labels)
    {
        lock (_gate)
        {
            var series = Find(_series, labels);
            if (series is null && _series.Length < MaxSeries)
            {
                series = new MetricSeries(labels.ToArray(), _bounds);
                _series = [.. _series, series];
            }

            return series;
        }
    }
}
