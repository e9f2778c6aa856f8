using BenchmarkDotNet.Attributes;
using Collector.Access;
using Collector.Benchmarks.Load;
using Collector.Benchmarks.Reference;
using Collector.Benchmarks.Support;
using Collector.Model;
using Collector.Receive.Otlp;
using Collector.Receive.Rows;
using Collector.Storage;
using Collector.Storage.Sqlite;
using Collector.Storage.Sqlite.Segments;
using Microsoft.Extensions.Logging.Abstractions;

namespace Collector.Benchmarks;

/// <summary>The steps of the way in, by themselves; each operation is one request of 100 records.</summary>
[MemoryDiagnoser]
public class MicroBenchmarks
{
    private const int Records = 100;

    private readonly RequestTemplate _template = new(Records);
    private readonly OtlpDecoder _decoder = new(new MappingRules(), new LogIdSequence());
    private readonly LogIdSequence _ids = new();
    private readonly AccessRule _sending = new(
        new KeyRing([], [.. Enumerable.Range(0, 10).Select(static i => $"a-key-that-may-send-{i}")], Path.GetTempPath(), TimeProvider.System, NullLogger.Instance),
        Rights.Send, isLocal: true, TimeProvider.System);
    private Folder? _folder;
    private SqliteStore? _store;
    private RowBatch? _batch;

    [GlobalSetup]
    public void Open()
    {
        _folder = new Folder();
        var options = new SqliteStoreOptions { Path = _folder.Path, SegmentRows = 10_000_000 };
        var opening = SqliteStore.Open(options, otherBytes: null, NullLogger.Instance, TimeProvider.System);
        _store = opening.Store ?? throw new InvalidOperationException(opening.Error);
        _batch = new RowSource(Records).Next();
    }

    [GlobalCleanup]
    public void Close()
    {
        _batch?.Dispose();
        _store?.Dispose();
        _folder?.Dispose();
    }

    /// <summary>Bytes of the socket to rows.</summary>
    [Benchmark(OperationsPerInvoke = Records)]
    public int Decode()
    {
        using var batch = NewBatch();
        _decoder.Decode(OtlpSignal.Logs, batch);
        return batch.Count;
    }

    /// <summary>The batch around decoded rows: memory, copies, ids.</summary>
    [Benchmark(OperationsPerInvoke = Records)]
    public int AssembleBatch()
    {
        using var batch = NewBatch();
        foreach (ref readonly var row in _batch!.Rows)
        {
            batch.Add(row);
        }

        return batch.Count;
    }

    /// <summary>One transaction of one request, fsync included.</summary>
    [Benchmark(OperationsPerInvoke = Records)]
    public void Append()
    {
        _batch!.FirstLogId = _ids.Reserve(Records, _batch.ReceivedNanos);
        var group = new AppendGroup();
        group.Batches.Add(_batch);
        var result = _store!.Appender.Append(group);
        if (result.Status != AppendStatus.Committed)
        {
            throw new InvalidOperationException(result.Error);
        }
    }

    /// <summary>Whose key it is, among ten; once for each request.</summary>
    [Benchmark]
    public bool CheckKey() => _sending.Check("Bearer col_jHncAbDq0gOz-1qhM-GxpHThMEFaWC5rFjCKE1x7l9k").IsGranted;

    private RowBatch NewBatch()
    {
        var body = new ByteBuffer(Unbounded.Instance, _template.Message.Length);
        body.Append(_template.Message);
        var now = Timestamps.ToNanos(TimeProvider.System.GetUtcNow());
        return new RowBatch(body, Unbounded.Instance, now) { FirstLogId = _ids.Reserve(Records, now) };
    }
}
