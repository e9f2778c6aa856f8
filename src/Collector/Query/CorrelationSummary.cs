using System.Text;
using Collector.Model;
using Collector.Storage;

namespace Collector.Query;

/// <summary>What the rows of one correlation say together, gathered while they pass by.</summary>
internal sealed class CorrelationSummary(IRowSink next) : IRowSink
{
    private ulong _endedNanos;

    public HashSet<string> TraceIds { get; } = new(StringComparer.Ordinal);

    public HashSet<string> Workers { get; } = new(StringComparer.Ordinal);

    public ulong StartedNanos { get; private set; } = ulong.MaxValue;

    /// <summary>The last moment any row speaks of: its time, or the end of its span.</summary>
    public ulong EndedNanos => Math.Max(_endedNanos, StartedNanos);

    public int ErrorCount { get; private set; }

    public bool Accept(in StoredRow row)
    {
        AddName(TraceIds, row.TraceId);
        AddName(Workers, row.WorkerName);
        var time = row.Position.TimestampNanos;
        StartedNanos = Math.Min(StartedNanos, time);
        _endedNanos = Math.Max(_endedNanos, time + (ulong)((row.WallTimeMs ?? 0) * 1_000_000));
        if (row.LogLevel.SequenceEqual(Names.Utf8(Level.Error)))
        {
            ErrorCount++;
        }

        return next.Accept(row);
    }

    private static void AddName(HashSet<string> names, ReadOnlySpan<byte> name)
    {
        if (!name.IsEmpty)
        {
            names.Add(Encoding.UTF8.GetString(name));
        }
    }
}
