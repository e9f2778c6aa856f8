using System.Security.Cryptography;
using System.Text;
using Collector.Model;

namespace Collector.Query;

/// <summary>What the rows of one correlation say together, gathered while they pass by.</summary>
internal sealed class CorrelationSummary(IRowSink? next = null) : IRowSink, IDisposable
{
    // Bytes of the columns, and for each row some for their names: as much as an answer may hold. A caller that only asks
    // whether its answer still holds writes no JSON, and must stop at the same row.
    private const int MaxBytes = 16 * 1024 * 1024;
    private const int BytesOfNames = 400;

    // The year 2000.
    private const ulong EarliestPlausible = 946_684_800_000_000_000;
    private const ulong NanosPerDay = 86_400_000_000_000;

    private readonly IncrementalHash _rows = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private ulong _endedNanos;
    private bool _hasOnlyOddTimes = true;
    private long _bytes;

    public HashSet<string> TraceIds { get; } = new(StringComparer.Ordinal);

    public HashSet<string> Workers { get; } = new(StringComparer.Ordinal);

    /// <summary>The first time of a row; times that can't be true count only where there are no others.</summary>
    public ulong StartedNanos { get; private set; } = ulong.MaxValue;

    /// <summary>The last moment any row speaks of: its time, or the end of its span.</summary>
    public ulong EndedNanos => Math.Max(_endedNanos, StartedNanos);

    public int ErrorCount { get; private set; }

    public int Count { get; private set; }

    /// <summary>Names this answer among all answers to the same id: rows never change, they only become more.</summary>
    public string ETag(bool truncated, IReadOnlyList<Gap> gaps)
    {
        _rows.AppendData([truncated ? (byte)1 : (byte)0]);
        _rows.AppendData(Encoding.UTF8.GetBytes(string.Join(';', gaps)));
        return $"\"{Convert.ToHexStringLower(_rows.GetHashAndReset().AsSpan(0, 16))}\"";
    }

    public void Dispose() => _rows.Dispose();

    public bool Accept(in StoredRow row)
    {
        Count++;
        _rows.AppendData(row.LogId);
        AddName(TraceIds, row.TraceId);
        AddName(Workers, row.WorkerName);
        CountTime(row);
        if (row.LogLevel.SequenceEqual(Names.Utf8(Level.Error)))
        {
            ErrorCount++;
        }

        _bytes += BytesOf(row);
        return (next is null || next.Accept(row)) && _bytes < MaxBytes;
    }

    // One row of a clock that was never set, or is days ahead, must not stretch the time of all others.
    private void CountTime(in StoredRow row)
    {
        var time = row.Position.TimestampNanos;
        var isOdd = time < EarliestPlausible || time > Timestamps.FromColumn(row.CreatedAt) + NanosPerDay;
        if (isOdd && !_hasOnlyOddTimes)
        {
            return;
        }

        if (!isOdd && _hasOnlyOddTimes)
        {
            (StartedNanos, _endedNanos) = (ulong.MaxValue, 0);
            _hasOnlyOddTimes = false;
        }

        StartedNanos = Math.Min(StartedNanos, time);
        _endedNanos = Math.Max(_endedNanos, time + (ulong)((row.WallTimeMs ?? 0) * 1_000_000));
    }

    private static int BytesOf(in StoredRow row) =>
        BytesOfNames + row.WorkerName.Length + row.RequestId.Length + row.CorrelationId.Length + row.Message.Length
        + row.ContextJson.Length + row.ResourceJson.Length;

    private static void AddName(HashSet<string> names, ReadOnlySpan<byte> name)
    {
        if (!name.IsEmpty)
        {
            names.Add(Encoding.UTF8.GetString(name));
        }
    }
}
