using Collector.Model;

namespace Collector.Storage.Sqlite;

/// <summary>
/// The insert of one row: the hot path's innermost step. Text goes from the request's buffer to SQLite as it is; what
/// has to be formatted is formatted into scratch memory. Parameters keep their values from row to row, so that what
/// rows share is bound once.
/// </summary>
internal sealed class RowInsert(SqliteStatement statement) : IDisposable
{
    private readonly byte[] _text = new byte[LogId.TextLength];

    /// <summary>Before the first row of a batch.</summary>
    public void BeginBatch(RowBatch batch)
    {
        var text = _text.AsSpan(0, Timestamps.TextLength);
        Timestamps.Write(batch.ReceivedNanos, text);
        statement.Bind(Parameter.CreatedAt, text);
    }

    /// <summary>Inserts a row of the batch, by its index: SQLITE_OK or an error. Resource id zero is none.</summary>
    public int Insert(RowBatch batch, int index, in Row row, long resourceId)
    {
        BindId(batch.FirstLogId.Plus(index));
        BindTimestamp(row.TimestampNanos);
        statement.BindOrNull(Parameter.WorkerName, batch.Text(row.Worker));
        statement.BindOrNull(Parameter.RequestId, batch.Text(row.RequestId));
        statement.BindOrNull(Parameter.CorrelationId, batch.Text(row.CorrelationId));
        statement.Bind(Parameter.LogLevel, Names.Utf8(row.Level));
        statement.Bind(Parameter.Message, batch.Text(row.Message));
        statement.BindOrNull(Parameter.ContextJson, batch.Text(row.Context));
        statement.Bind(Parameter.Kind, Names.Utf8(row.Kind));
        statement.BindOrNull(Parameter.Outcome, batch.Text(row.Outcome));
        BindTraceId(row.TraceId);
        BindSpanId(Parameter.SpanId, row.SpanId);
        BindSpanId(Parameter.ParentSpanId, row.ParentSpanId);
        BindNumbers(row, resourceId);
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

    private void BindTraceId(UInt128 id)
    {
        if (id == UInt128.Zero)
        {
            statement.BindNull(Parameter.TraceId);
            return;
        }

        var text = _text.AsSpan(0, TraceIds.TextLength);
        TraceIds.Write(id, text);
        statement.Bind(Parameter.TraceId, text);
    }

    private void BindSpanId(int parameter, ulong id)
    {
        if (id == 0)
        {
            statement.BindNull(parameter);
            return;
        }

        Span<byte> bytes = stackalloc byte[8];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(bytes, id);
        Convert.TryToHexStringLower(bytes, _text, out var written);
        statement.Bind(parameter, _text.AsSpan(0, written));
    }

    private void BindNumbers(in Row row, long resourceId)
    {
        if (row.ExecutionTimeMs is { } cpu)
        {
            statement.Bind(Parameter.ExecutionTimeMs, cpu);
        }
        else
        {
            statement.BindNull(Parameter.ExecutionTimeMs);
        }

        if (row.WallTimeMs is { } wall)
        {
            statement.Bind(Parameter.WallTimeMs, wall);
        }
        else
        {
            statement.BindNull(Parameter.WallTimeMs);
        }

        if (resourceId != 0)
        {
            statement.Bind(Parameter.ResourceId, resourceId);
        }
        else
        {
            statement.BindNull(Parameter.ResourceId);
        }
    }

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
