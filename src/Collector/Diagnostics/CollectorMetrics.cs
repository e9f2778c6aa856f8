using System.Diagnostics.Metrics;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace Collector.Diagnostics;

/// <summary>
/// Every instrument, once. What happens is recorded for a request or a commit, never for a row, and without allocating;
/// gauges of the current state are read when they are asked for. Labels have few values, all of them named in the code.
/// </summary>
internal sealed class CollectorMetrics : IDisposable
{
    public const string MeterName = "Collector";

    private static readonly InstrumentAdvice<double> _seconds = new()
    {
        HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    };

    private static readonly string[] _transports = ["grpc", "http"];
    private static readonly string[] _signals = ["unknown", "logs", "traces", "tail", "metrics"];

    private readonly Counter<long> _requests;
    private readonly Counter<long> _received;
    private readonly Counter<long> _oddValues;
    private readonly Counter<long> _mistimed;
    private readonly Histogram<double> _commits;
    private readonly Histogram<double> _acknowledgements;
    private readonly Histogram<double> _queries;
    private readonly Counter<long> _refusedPlaces;
    private readonly List<(string Kind, int Max, Func<long> Taken)> _places = [];
    private long _taskFailures;

    public CollectorMetrics(TimeProvider clock)
    {
        RecentAcknowledgements = new RecentLatency(clock);
        _requests = Meter.CreateCounter<long>("collector.requests", "{request}", "Requests of producers, by how they were answered.");
        _received = Meter.CreateCounter<long>("collector.received", "By", "Bytes of requests read, after decompression.");
        _oddValues = Meter.CreateCounter<long>("collector.values.odd", "{value}", "Values that could not be kept as they came; their rows' notes say why.");
        _mistimed = Meter.CreateCounter<long>("collector.rows.mistimed", "{row}", "Rows whose own time is far from their arrival: older than Retention:MaxAge (late), or more than a day ahead (future).");
        _commits = Duration("collector.commit.duration", "Attempts of the store to commit a group of requests.");
        _acknowledgements = Duration("collector.acknowledgement.duration", "Waits of decoded requests until their rows were on disk.");
        _refusedPlaces = Meter.CreateCounter<long>(
            "collector.places.refused", "{caller}", "Callers for whom there was no place: connections, streams, live readers, questions; and why.");
        _queries = Duration("collector.query.duration", "Answers of the API, by endpoint.");
        Meter.CreateObservableCounter(
            "collector.task.failures", () => Interlocked.Read(ref _taskFailures), "{task}", "Tasks in the background that failed.");
    }

    public Meter Meter { get; } = new(MeterName);

    /// <summary>The acknowledgements of the last minutes.</summary>
    public RecentLatency RecentAcknowledgements { get; }

    /// <param name="transport">How it came.</param>
    /// <param name="signal">What it held.</param>
    /// <param name="outcome">How it was answered; one of few, named in the code.</param>
    public void RequestEnded(RequestTransport transport, RequestSignal signal, string outcome) => _requests.Add(
        1, new Tag("transport", _transports[(int)transport]), new Tag("signal", _signals[(int)signal]), new Tag("outcome", outcome));

    public void BytesReceived(RequestSignal signal, long bytes) => _received.Add(bytes, new Tag("signal", _signals[(int)signal]));

    /// <summary>Counts what is odd in the rows of one request.</summary>
    public void Decoded(int oddValues, int late, int future)
    {
        Add(_oddValues, oddValues);
        Add(_mistimed, late, new Tag("is", "late"));
        Add(_mistimed, future, new Tag("is", "future"));
    }

    public void Acknowledged(TimeSpan waited)
    {
        _acknowledgements.Record(waited.TotalSeconds);
        RecentAcknowledgements.Record(waited);
    }

    /// <param name="took">One attempt, without the pauses between attempts.</param>
    /// <param name="result">How it ended; one of few, named in the code.</param>
    public void CommitEnded(TimeSpan took, string result) => _commits.Record(took.TotalSeconds, new Tag("result", result));

    /// <param name="took">From the request to the last byte of the answer.</param>
    /// <param name="endpoint">One of few, named in the code.</param>
    public void QueryEnded(TimeSpan took, string endpoint) => _queries.Record(took.TotalSeconds, new Tag("endpoint", endpoint));

    /// <param name="kind">What there was no place for.</param>
    /// <param name="reason">Why; one of few, named in the code.</param>
    public void PlaceRefused(string kind, string reason) => _refusedPlaces.Add(1, new Tag("kind", kind), new Tag("reason", reason));

    /// <summary>Shows how many places of a kind are taken.</summary>
    public void ObservePlaces(string kind, int max, Func<long> taken)
    {
        _places.Add((kind, max, taken));
    }

    public void TaskFailed() => Interlocked.Increment(ref _taskFailures);

    /// <summary>Adds the instruments of the current state. Call it once.</summary>
    public void Observe(IStatusSource source)
    {
        Gauge("collector.queue.entries", "{request}", "Requests in the queue.", () => source.Queue.Entries);
        Gauge("collector.queue.capacity", "{request}", "Requests that the queue can hold.", () => source.Queue.Capacity);
        Gauge("collector.queue.memory", "By", "Memory that requests hold, those being read included.", () => source.Queue.Bytes);
        Gauge("collector.queue.memory.limit", "By", "Memory that requests may hold.", () => source.Queue.MaxBytes);
        Gauge("collector.queue.memory.full", "s", "For how long no request has got the memory that it asked for; 0 while there is some.",
            () => (long)source.Queue.FullFor.TotalSeconds);

        Count("collector.store.retries", "{write}", "Writes that were tried again.", () => source.Writer.Retries);
        Gauge("collector.store.failing", "1", "1 while the store fails although writes are tried again.", () => source.Writer.IsStoreFailing ? 1 : 0);
        Gauge("collector.store.rows", "{row}", "Rows in the store.", () => source.Store.Rows);
        Gauge("collector.store.size", "By", "Bytes of the store on disk.", () => source.Store.Bytes);
        Gauge("collector.store.segments", "{segment}", "Segments of the store.", () => source.Store.Segments);

        Gauge("collector.store.unsealed", "{segment}", "Full segments that are not sealed yet.", () => source.Store.Unsealed);
        Count("collector.store.sealing.failures", "{attempt}", "Attempts to seal a segment that failed.", () => source.Store.SealingFailures);
        Count("collector.retention.segments", "{segment}", "Segments that retention deleted.", () => source.Store.RemovedSegments);
        Count("collector.retention.rows", "{row}", "Rows that retention deleted.", () => source.Store.RemovedRows);
        Count("collector.retention.size", "By", "Bytes that retention deleted.", () => source.Store.RemovedBytes);

        Gauge("collector.store.unreadable", "{file}", "Files that can't be read, wholly or in part.", () => source.Store.Unreadable);
        Meter.CreateObservableCounter(
            "collector.store.damaged",
            () => source.Store.Damaged.Select(static found => new Measurement<long>(found.Value, new Tag("reason", found.Key))),
            "{file}",
            "Files that turned out to be damaged, since the start, by reason.");

        Gauge("collector.spool.size", "By", "Bytes of the spool on disk.", () => source.Spool.Bytes);
        Gauge("collector.spool.size.limit", "By", "Bytes that the spool may take.", () => source.Spool.MaxBytes);
        Count("collector.spool.requests.in", "{request}", "Requests written to the spool.", () => source.Spool.RequestsIn);
        Count("collector.spool.requests.out", "{request}", "Requests settled from the spool.", () => source.Spool.RequestsOut);
        Count("collector.spool.set.aside", "{entry}", "Entries of the spool that nobody can use, set aside.", () => source.Spool.SetAside);

        Places("collector.places.taken", "Places that callers have, by kind.", static kind => kind.Taken());
        Places("collector.places.limit", "Places that there are, by kind.", static kind => kind.Max);

        Count("collector.process.allocated", "By", "Managed memory allocated since the start.", static () => GC.GetTotalAllocatedBytes());
        Gauge("collector.process.memory", "By", "Resident memory.", static () => Environment.WorkingSet);
    }

    public void Dispose() => Meter.Dispose();

    private static void Add(Counter<long> counter, int count, params ReadOnlySpan<Tag> tags)
    {
        if (count > 0)
        {
            counter.Add(count, tags);
        }
    }

    private Histogram<double> Duration(string name, string description) =>
        Meter.CreateHistogram(name, "s", description, tags: null, _seconds);

    private void Gauge(string name, string unit, string description, Func<long> read) =>
        Meter.CreateObservableGauge(name, read, unit, description);

    private void Places(string name, string description, Func<(string Kind, int Max, Func<long> Taken), long> read) => Meter.CreateObservableGauge(
        name, () => _places.Select(kind => new Measurement<long>(read(kind), new Tag("kind", kind.Kind))), "{place}", description);

    private void Count(string name, string unit, string description, Func<long> read) =>
        Meter.CreateObservableCounter(name, read, unit, description);
}
