using Collector.Benchmarks.Load;
using Collector.Model;
using Collector.Receive.Otlp;
using Collector.Receive.Request;
using Collector.Receive.Rows;

namespace Collector.Benchmarks.Reference;

/// <summary>The rows that the load sends, decoded as Collector decodes them.</summary>
internal sealed class RowSource(int rowsPerBatch, bool isVaried = false)
{
    private readonly RequestTemplate _template = new(rowsPerBatch, isVaried);
    private readonly LogIdSequence _ids = new();
    private readonly OtlpDecoder _decoder = new(new MappingRules(), new LogIdSequence());
    private long _next;

    public RowBatch Next()
    {
        var now = Timestamps.ToNanos(TimeProvider.System.GetUtcNow());
        _template.Patch(_next, now);
        _next += rowsPerBatch;
        var body = new ByteBuffer(Unbounded.Instance);
        body.Append(_template.Message);
        var batch = new RowBatch(body, Unbounded.Instance, now) { FirstLogId = _ids.Reserve(rowsPerBatch, now) };
        return _decoder.Decode(OtlpSignal.Logs, batch).Status == DecodeStatus.Ok && batch.Count == rowsPerBatch
            ? batch
            : throw new InvalidOperationException("The load's own request can't be decoded.");
    }
}
