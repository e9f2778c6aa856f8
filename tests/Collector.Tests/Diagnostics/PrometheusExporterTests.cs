using System.Diagnostics.Metrics;
using Collector.Commands;
using Collector.Diagnostics;
using Collector.Tests.Support;

namespace Collector.Tests.Diagnostics;

public sealed class PrometheusExporterTests : IDisposable
{
    private readonly Meter _meter = new("test");
    private readonly PrometheusExporter _exporter;

    public PrometheusExporterTests()
    {
        _exporter = new PrometheusExporter(_meter);
        _exporter.Start();
    }

    [Fact]
    public void Names_end_with_their_unit_and_counters_with_total()
    {
        _meter.CreateCounter<long>("collector.received", "By", "Bytes.").Add(5);
        _meter.CreateObservableGauge("collector.queue.entries", () => 7L, "{request}", "Waiting.");

        _exporter.Write().ShouldBe("""
            # HELP collector_queue_entries Waiting.
            # TYPE collector_queue_entries gauge
            collector_queue_entries 7
            # HELP collector_received_bytes_total Bytes.
            # TYPE collector_received_bytes_total counter
            collector_received_bytes_total 5

            """);
    }

    [Fact]
    public void A_histogram_is_cumulative_and_a_bound_belongs_to_its_bucket()
    {
        var advice = new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 1] };
        var histogram = _meter.CreateHistogram("wait", "s", "Waits.", null, advice);
        foreach (var value in new[] { 0.0005, 0.001, 0.5, 1, 8 })
        {
            histogram.Record(value, new KeyValuePair<string, object?>("kind", "a"));
        }

        var samples = PrometheusText.Parse(_exporter.Write());

        samples.Select(sample => $"{sample.Name} {sample.Labels} {sample.Value:0.####}").ShouldBe(
        [
            "wait_seconds_bucket kind=\"a\",le=\"0.001\" 2",
            "wait_seconds_bucket kind=\"a\",le=\"1\" 4",
            "wait_seconds_bucket kind=\"a\",le=\"+Inf\" 5",
            "wait_seconds_sum kind=\"a\" 9.5015",
            "wait_seconds_count kind=\"a\" 5",
        ]);
    }

    [Fact]
    public void Label_values_and_help_are_escaped()
    {
        _meter.CreateCounter<long>("odd", null, "back\\slash and\nline").Add(1, new KeyValuePair<string, object?>("label", "\"quoted\" \\ and\nline"));

        var text = _exporter.Write();

        text.ShouldContain("# HELP odd_total back\\\\slash and\\nline\n");
        text.ShouldContain("odd_total{label=\"\\\"quoted\\\" \\\\ and\\nline\"} 1\n");
        PrometheusText.Parse(text);
    }

    [Fact]
    public void What_is_observed_replaces_what_was_seen_before()
    {
        var value = 3L;
        _meter.CreateObservableCounter("seen", () => value, null, "Seen.");
        PrometheusText.Parse(_exporter.Write()).ValueOf("seen_total").ShouldBe(3);

        value = 5;

        PrometheusText.Parse(_exporter.Write()).ValueOf("seen_total").ShouldBe(5);
    }

    [Fact]
    public void Beyond_a_thousand_label_values_no_series_is_added_and_those_there_are_go_on()
    {
        var counter = _meter.CreateCounter<long>("leak", null, "Leak.");
        for (var i = 0; i < 1_100; i++)
        {
            counter.Add(1, new KeyValuePair<string, object?>("n", $"{i}"));
        }

        counter.Add(1, new KeyValuePair<string, object?>("n", "999"));

        var samples = PrometheusText.Parse(_exporter.Write());
        samples.Count.ShouldBe(1_000);
        samples.ValueOf("leak_total", "n=\"999\"").ShouldBe(2);
    }

    [Fact]
    public void Another_meter_of_the_same_name_is_not_mixed_in()
    {
        using var other = new Meter("test");
        other.CreateCounter<long>("foreign", null, "Foreign.").Add(1);

        _exporter.Write().ShouldBeEmpty();
    }

    [Fact]
    public void Nothing_is_lost_or_torn_while_many_record_and_one_reads()
    {
        const int each = 20_000;
        var counter = _meter.CreateCounter<long>("hits", null, "Hits.");
        var advice = new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.5] };
        var histogram = _meter.CreateHistogram("spread", "s", "Spread.", null, advice);
        var recorders = Enumerable.Range(0, 4).Select(n => new Thread(() =>
        {
            for (var i = 0; i < each; i++)
            {
                counter.Add(1, new KeyValuePair<string, object?>("n", $"{i % 7}"));
                histogram.Record(i % 2);
            }
        })).ToList();

        recorders.ForEach(thread => thread.Start());
        var bound = new LoopBound();
        while (recorders.Exists(thread => thread.IsAlive) && bound.Holds())
        {
            // Parsing checks that buckets, sum and count belong together.
            PrometheusText.Parse(_exporter.Write());
        }

        var samples = PrometheusText.Parse(_exporter.Write());
        samples.Where(sample => sample.Name == "hits_total").Sum(sample => sample.Value).ShouldBe(4 * each);
        samples.ValueOf("spread_seconds_sum").ShouldBe(2 * each);
        samples.ValueOf("spread_seconds_bucket", "le=\"0.5\"").ShouldBe(2 * each);
    }

    public void Dispose()
    {
        _exporter.Dispose();
        _meter.Dispose();
    }
}
