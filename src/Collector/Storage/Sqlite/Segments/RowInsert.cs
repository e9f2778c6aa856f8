using Collector.Model;
using Collector.Storage.Sqlite.Driver;

namespace Collector.Storage.Sqlite.Segments;

/// <summary>
/// The insert of one row: the hot path's innermost step. Text goes from the request's buffer to SQLite as it is; what
/// has to be formatted is formatted into scratch memory. Parameters keep their values from row to row, so that what
/// neighbours share, and what they lack, is bound once: 7 calls a row instead of 17.
/// </summary>
internal sealed class RowInsert(SqliteStatement statement) : IDisposable
{
    private readonly byte[] _text = new byte[LogId.TextLength];

    // What the parameters hold since the batch began; a bind that failed ends the batch.
    private uint _nulls;
    private Slice? _worker;
    private Level? _level;
    private Kind? _kind;
    private long? _resourceId;

    /// <summary>Before the first row of a batch.</summary>
    public void BeginBatch(RowBatch batch)
    {
        (_nulls, _worker, _level, _kind, _resourceId) = (0, null, null, null, null);
        var text = _text.AsSpan(0, Timestamps.TextLength);
        Timestamps.Write(batch.ReceivedNanos, text);
        statement.Bind(Parameter.CreatedAt, text);
    }

    /// <summary>Inserts a row of the batch, by its index: SQLITE_OK or an error. Resource id zero is none.</summary>
    public int Insert(RowBatch batch, int index, in Row row, long resourceId)
    {
        BindId(batch.FirstLogId.Plus(index));
        BindTimestamp(row.TimestampNanos);
        BindShared(batch, row, resourceId);
        BindText(Parameter.RequestId, batch.Text(row.RequestId));
        BindText(Parameter.CorrelationId, batch.Text(row.CorrelationId));
        statement.Bind(Parameter.Message, batch.Text(row.Message));
        BindText(Parameter.ContextJson, batch.Text(row.Context));
        BindText(Parameter.Outcome, batch.Text(row.Outcome));
        BindTraceId(row.TraceId);
        BindSpanId(Parameter.SpanId, row.SpanId);
        BindSpanId(Parameter.ParentSpanId, row.ParentSpanId);
        BindNumbers(row);
        return statement.Run();
    }

    public void Dispose() => statement.Dispose();

    private void BindId(LogId id)
    {
        id.WriteText(_text);
        statement.Bind(Parameter.LogId, _text);
    }

    private void BindTimestamp(ulong nanos)
    {
        var text = _text.AsSpan(0, Timestamps.TextLength);
        Timestamps.Write(nanos, text);
        statement.Bind(Parameter.Timestamp, text);
    }

    private void BindShared(RowBatch batch, in Row row, long resourceId)
    {
        if (row.Worker != _worker)
        {
            BindText(Parameter.WorkerName, batch.Text((_worker = row.Worker).Value));
        }

        if (row.Level != _level)
        {
            statement.Bind(Parameter.LogLevel, Names.Utf8((_level = row.Level).Value));
        }

        if (row.Kind != _kind)
        {
            statement.Bind(Parameter.Kind, Names.Utf8((_kind = row.Kind).Value));
        }

        if (resourceId != _resourceId)
        {
            _resourceId = resourceId;
            BindNumber(Parameter.ResourceId, resourceId == 0 ? null : resourceId);
        }
    }

    private void BindTraceId(UInt128 id)
    {
        if (id == UInt128.Zero)
        {
            BindNull(Parameter.TraceId);
            return;
        }

        var text = _text.AsSpan(0, TraceIds.TextLength);
        TraceIds.Write(id, text);
        BindText(Parameter.TraceId, text);
    }

    private void BindSpanId(int parameter, ulong id)
    {
        if (id == 0)
        {
            BindNull(parameter);
            return;
        }

        Span<byte> bytes = stackalloc byte[8];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(bytes, id);
        Convert.TryToHexStringLower(bytes, _text, out var written);
        BindText(parameter, _text.AsSpan(0, written));
    }

    private void BindNumbers(in Row row)
    {
        BindNumber(Parameter.ExecutionTimeMs, row.ExecutionTimeMs);
        if (row.WallTimeMs is { } wall)
        {
            _nulls &= ~Bit(Parameter.WallTimeMs);
            statement.Bind(Parameter.WallTimeMs, wall);
        }
        else
        {
            BindNull(Parameter.WallTimeMs);
        }
    }

    private void BindNumber(int parameter, long? number)
    {
        if (number is { } value)
        {
            _nulls &= ~Bit(parameter);
            statement.Bind(parameter, value);
        }
        else
        {
            BindNull(parameter);
        }
    }

    // Empty is NULL.
    private void BindText(int parameter, ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
        {
            BindNull(parameter);
            return;
        }

        _nulls &= ~Bit(parameter);
        statement.Bind(parameter, text);
    }

    private void BindNull(int parameter)
    {
        if ((_nulls & Bit(parameter)) == 0)
        {
            _nulls |= Bit(parameter);
            statement.BindNull(parameter);
        }
    }

    private static uint Bit(int parameter) => 1u << parameter;

    /// <summary>The numbers in <c>insert_row.sql</c>.</summary>
    private static class Parameter
    {
        public const int LogId = 1;
        public const int WorkerName = 2;
        public const int RequestId = 3;
        public const int CorrelationId = 4;
        public const int LogLevel = 5;
        public const int Message = 6;
        public const int ContextJson = 7;
        public const int Timestamp = 8;
        public const int ExecutionTimeMs = 9;
        public const int CreatedAt = 10;
        public const int Kind = 11;
        public const int WallTimeMs = 12;
        public const int TraceId = 13;
        public const int SpanId = 14;
        public const int ParentSpanId = 15;
        public const int Outcome = 16;
        public const int ResourceId = 17;
    }
}
