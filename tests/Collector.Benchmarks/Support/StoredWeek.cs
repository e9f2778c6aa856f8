using System.Text;
using Collector.Benchmarks.Load;
using Collector.Model;
using Collector.Storage;
using Collector.Storage.Sqlite;
using Collector.Storage.Sqlite.Segments;
using Microsoft.Extensions.Logging.Abstractions;

namespace Collector.Benchmarks.Support;

/// <summary>
/// A data folder with rows of seven days, written through the store itself: eight workers, logs, requests and spans with
/// durations, ten rows a correlation; and one trace of 10,000 spans.
/// </summary>
internal static class StoredWeek
{
    public const string LargeTrace = "0000000000000000000000000000beef";
    public const int LargeTraceRows = 10_000;

    private const int RowsPerBatch = 500;
    private const int BatchesPerAppend = 4;
    private const ulong Week = 7UL * 86_400 * 1_000_000_000;

    /// <summary>Every text of a row but its correlation stands in each batch once.</summary>
    private static readonly string[] _workers = [.. Enumerable.Range(0, 8).Select(static i => $"service-{i}")];

    public static async Task FillAsync(string folder, long rows)
    {
        var options = new SqliteStoreOptions { Path = folder, SegmentRows = (int)Math.Clamp(rows / 10, 1_000, 1_000_000) };
        var opening = SqliteStore.Open(options, otherBytes: null, NullLogger.Instance, TimeProvider.System);
        using var store = opening.Store ?? throw new InvalidOperationException(opening.Error);
        var ids = new LogIdSequence();
        var end = Timestamps.ToNanos(TimeProvider.System.GetUtcNow());
        for (var first = 0L; first < rows; first += RowsPerBatch * BatchesPerAppend)
        {
            var start = first;
            Append(store, Enumerable.Range(0, BatchesPerAppend).Select(i => Batch(ids, start + (i * RowsPerBatch), rows, end)));
            if (first <= rows / 2 && first + (RowsPerBatch * BatchesPerAppend) > rows / 2)
            {
                Append(store, [Trace(ids, end - (Week / 2))]);
            }
        }

        while (store.Lifecycle.Unsealed > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
    }

    private static void Append(SqliteStore store, IEnumerable<RowBatch> made)
    {
        var group = new AppendGroup();
        group.Batches.AddRange(made);
        AppendResult result;
        do
        {
            result = store.Appender.Append(group);
        }
        while (result.Status == AppendStatus.Transient);
        if (result.Status != AppendStatus.Committed)
        {
            throw new InvalidOperationException($"The rows can't be stored: {result.Error}");
        }

        group.Batches.ForEach(static batch => batch.Dispose());
    }

    private static RowBatch Batch(LogIdSequence ids, long first, long rows, ulong end)
    {
        var batch = NewBatch(ids, RowsPerBatch);
        var worker = Built(batch, _workers[first / RowsPerBatch % _workers.Length]);
        var context = Built(batch, """{"attributes":{"http.request.method":"POST","url.path":"/api/orders","order.total":"129.90","retries":2},"scope":"Shop.Orders"}""");
        var resource = batch.AddResource(Built(batch, """{"attributes":{"service.version":"1.14.2","host.name":"node-17.example"}}"""));
        var ok = Built(batch, "ok");
        for (var number = first; number < first + RowsPerBatch; number++)
        {
            // 7 of 10 are logs, 2 requests, 1 a span; 2 of 100 are errors, and 4 of a million exceptions.
            var kind = (number % 10) switch { _ when number % 250_000 == 0 => Kind.Exception, < 7 => Kind.Log, < 9 => Kind.Request, _ => Kind.Span };
            batch.Add(new Row
            {
                Worker = worker,
                CorrelationId = Built(batch, RequestTemplate.CorrelationOf(number)),
                Message = Built(batch, $"Order {number:d12} was accepted and goes to the warehouse"),
                Context = context,
                Resource = resource,
                TraceId = (UInt128)(number / 10) + 1_000_000,
                SpanId = (ulong)number + 1,
                Kind = kind,
                Outcome = kind == Kind.Request ? ok : default,
                WallTimeMs = kind == Kind.Log ? null : 1 + ((number * 2_654_435_761 % 10_000) / 25.0),
                ExecutionTimeMs = kind == Kind.Request ? number % 20 : null,
                Level = (number % 100) switch { < 2 => Level.Error, < 6 => Level.Warn, < 10 => Level.Debug, _ => Level.Info },
                TimestampNanos = end - Week + (ulong)((UInt128)Week * (ulong)number / (ulong)rows),
            });
        }

        return batch;
    }

    private static RowBatch Trace(LogIdSequence ids, ulong start)
    {
        var batch = NewBatch(ids, LargeTraceRows);
        var worker = Built(batch, _workers[0]);
        var context = Built(batch, """{"attributes":{"db.system":"sqlite"}}""");
        for (var i = 0; i < LargeTraceRows; i++)
        {
            batch.Add(new Row
            {
                Worker = worker,
                CorrelationId = Built(batch, LargeTrace),
                Message = Built(batch, $"call {i}"),
                Context = context,
                Resource = -1,
                TraceId = 0xBEEF,
                SpanId = (ulong)i + 1,
                ParentSpanId = (ulong)i / 10,
                Kind = Kind.Span,
                Level = Level.Info,
                WallTimeMs = i % 50,
                TimestampNanos = start + ((ulong)i * 1_000_000),
            });
        }

        return batch;
    }

    private static RowBatch NewBatch(LogIdSequence ids, int rows)
    {
        var now = Timestamps.ToNanos(TimeProvider.System.GetUtcNow());
        return new RowBatch(new ByteBuffer(Unbounded.Instance), Unbounded.Instance, now) { FirstLogId = ids.Reserve(rows, now) };
    }

    private static Slice Built(RowBatch batch, string text)
    {
        var start = batch.Built.Length;
        batch.Built.Append(Encoding.UTF8.GetBytes(text));
        return Slice.OfBuilt(start, batch.Built.Length - start);
    }
}
