using System.Diagnostics.Metrics;
using System.Text;

namespace Collector.Diagnostics;

/// <summary>
/// Keeps what one meter's instruments record, and writes it in Prometheus' text format 0.0.4.
/// Source of the format: prometheus.io/docs/instrumenting/exposition_formats.
/// </summary>
internal sealed class PrometheusExporter : IDisposable
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly MeterListener _listener = new();
    private readonly Lock _gate = new();
    private readonly List<MetricFamily> _families = [];

    public PrometheusExporter(Meter meter)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter == meter)
            {
                listener.EnableMeasurementEvents(instrument, Add(instrument));
            }
        };
        _listener.SetMeasurementEventCallback<long>(static (_, value, labels, family) => ((MetricFamily)family!).Take(value, labels));
        _listener.SetMeasurementEventCallback<double>(static (_, value, labels, family) => ((MetricFamily)family!).Take(value, labels));
    }

    /// <summary>From here on all measurements are kept, also of instruments that are created later.</summary>
    public void Start() => _listener.Start();

    /// <summary>All families of this moment, in order of their names.</summary>
    public string Write()
    {
        // One at a time: observing the instruments replaces the values that another caller may be writing.
        lock (_gate)
        {
            _listener.RecordObservableInstruments();
            var text = new StringBuilder(16 * 1024);
            foreach (var family in _families.OrderBy(static family => family.Name, StringComparer.Ordinal))
            {
                family.Write(text);
            }

            return text.ToString();
        }
    }

    public void Dispose() => _listener.Dispose();

    private MetricFamily Add(Instrument instrument)
    {
        var family = new MetricFamily(instrument);
        lock (_gate)
        {
            _families.Add(family);
        }

        return family;
    }
}
