using Collector.Diagnostics;
using Collector.Hosting;
using Collector.Pipeline.Ledger;
using Collector.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace Collector.Tests.Diagnostics;

public sealed class CollectorMetricsTests : IDisposable
{
    private readonly CollectorMetrics _metrics = new(new NoonClock());
    private readonly PrometheusExporter _exporter;
    private readonly RowLedger _ledger = new();
    private readonly DoorLedger _door = new(new NoonClock(), NullLogger<DoorLedger>.Instance);

    public CollectorMetricsTests()
    {
        _exporter = new PrometheusExporter(_metrics.Meter);
        _metrics.Observe(new SomeStatus());
        LedgerMetrics.Observe(_metrics.Meter, _ledger, _door);
        _exporter.Start();
    }

    [Fact]
    public void Every_figure_is_told_under_its_name()
    {
        _metrics.RequestEnded(RequestTransport.Grpc, RequestSignal.Logs, "ok");
        _metrics.RequestEnded(RequestTransport.Grpc, RequestSignal.Logs, "ok");
        _metrics.BytesReceived(RequestSignal.Traces, 99);
        _metrics.CommitEnded(TimeSpan.FromMilliseconds(2), "committed");
        _metrics.Acknowledged(TimeSpan.FromMilliseconds(7));
        _metrics.QueryEnded(TimeSpan.FromMilliseconds(30), "logs");
        _metrics.TaskFailed();

        var samples = Read();

        samples.ValueOf("collector_requests_total", "transport=\"grpc\",signal=\"logs\",outcome=\"ok\"").ShouldBe(2);
        samples.ValueOf("collector_received_bytes_total", "signal=\"traces\"").ShouldBe(99);
        samples.ValueOf("collector_commit_duration_seconds_bucket", "result=\"committed\",le=\"0.001\"").ShouldBe(0);
        samples.ValueOf("collector_commit_duration_seconds_bucket", "result=\"committed\",le=\"0.0025\"").ShouldBe(1);
        samples.ValueOf("collector_acknowledgement_duration_seconds_sum").ShouldBe(0.007);
        samples.ValueOf("collector_query_duration_seconds_count", "endpoint=\"logs\"").ShouldBe(1);
        samples.ValueOf("collector_task_failures_total").ShouldBe(1);
        samples.ValueOf("collector_queue_entries").ShouldBe(3);
        samples.ValueOf("collector_queue_memory_bytes").ShouldBe(4096);
        samples.ValueOf("collector_store_retries_total").ShouldBe(5);
        samples.ValueOf("collector_store_failing").ShouldBe(1);
        samples.ValueOf("collector_store_rows").ShouldBe(1_000);
        samples.ValueOf("collector_store_size_bytes").ShouldBe(65_536);
        samples.ValueOf("collector_store_segments").ShouldBe(2);
        samples.ValueOf("collector_spool_size_bytes").ShouldBe(100);
        samples.ValueOf("collector_spool_requests_in_total").ShouldBe(6);
        samples.ValueOf("collector_spool_requests_out_total").ShouldBe(4);
        samples.ValueOf("collector_spool_set_aside_total").ShouldBe(2);
    }

    [Fact]
    public void Rows_are_told_by_column_and_by_reason()
    {
        using var batch = Some.Batch(new SomeRow(), new SomeRow { Worker = "worker-b" });
        using var waiting = Some.Batch(new SomeRow());
        _ledger.Receive(waiting);
        _ledger.Drop(_ledger.Receive(batch), batch, "queue_full");
        _ledger.RejectUnread("undecodable");

        var samples = Read();

        samples.ValueOf("collector_rows_total", "column=\"dropped\"").ShouldBe(2);
        samples.ValueOf("collector_rows_total", "column=\"rejected\"").ShouldBe(1);
        samples.ValueOf("collector_rows_held", "column=\"in_flight\"").ShouldBe(1);
        samples.ValueOf("collector_rows_reasons_total", "reason=\"queue_full\"").ShouldBe(2);
        samples.Where(sample => sample.Family is "collector_rows_total" or "collector_rows_held").Sum(sample => sample.Value)
            .ShouldBe(_ledger.Total().Received);
    }

    [Fact]
    public void Recording_allocates_nothing()
    {
        Record();
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var i = 0; i < 1000; i++)
        {
            Record();
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);

        void Record()
        {
            _metrics.RequestEnded(RequestTransport.Http, RequestSignal.Traces, "ok");
            _metrics.BytesReceived(RequestSignal.Traces, 99);
            _metrics.CommitEnded(TimeSpan.FromMilliseconds(2), "committed");
            _metrics.Acknowledged(TimeSpan.FromMilliseconds(7));
        }
    }

    public void Dispose()
    {
        _exporter.Dispose();
        _metrics.Dispose();
    }

    private List<Sample> Read() => PrometheusText.Parse(_exporter.Write());

    private sealed class SomeStatus : IStatusSource
    {
        public QueueStatus Queue => new(3, 1000, 4096, 8192);

        public WriterStatus Writer => new(true, true, "locked", TimeSpan.FromSeconds(1), 5);

        public SpoolStatus Spool => new(100, 200, true, 6, 4, 2);

        public StoreStatus Store => new(1_000, 65_536, 2);
    }
}
