using Collector.Access;
using Collector.Limits;
using Collector.Pipeline.Queue;
using Collector.Pipeline.Spool;
using Collector.Pipeline.Write;
using Collector.Query;
using Collector.Receive.Request;
using Collector.Receive.Rows;
using Collector.Storage;

namespace Collector.Hosting;

/// <summary>All settings; the initialisers are the defaults, and <see cref="Settings"/> says what is legal.</summary>
internal sealed class CollectorOptions
{
    public ListenOptions Listen { get; } = new();

    public TlsOptions Tls { get; } = new();

    public IngestOptions Ingest { get; } = new();

    public AuthOptions Auth { get; } = new();

    public RedactOptions Redact { get; } = new();

    public QueueOptions Queue { get; } = new();

    public BatchOptions Batch { get; } = new();

    public RetryOptions Retry { get; } = new();

    public SpoolOptions Spool { get; } = new();

    public StorageOptions Storage { get; } = new();

    public RetentionOptions Retention { get; } = new();

    public LimitOptions Limits { get; } = new();

    public QueryOptions Query { get; } = new();

    public TelemetryOptions Telemetry { get; } = new();

    public ShutdownOptions Shutdown { get; } = new();
}
