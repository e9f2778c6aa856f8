using System.Buffers;
using System.Text.Json;
using Collector.Model;
using Collector.Storage;

namespace Collector.Query;

/// <summary>
/// <c>GET /api/logs</c> as JSON lines: any number of rows in constant memory. Each page is a question of its own with
/// its own time limit, and no read transaction outlives it.
/// </summary>
internal sealed class LogsStream(ILogReader reader, QueryGate gate)
{
    public const string ContentType = "application/x-ndjson";

    private const int PageRows = 1_000;

    public static bool IsWanted(HttpContext context) =>
        context.Request.Headers.Accept.Any(static accept => accept?.Contains(ContentType, StringComparison.OrdinalIgnoreCase) == true);

    /// <param name="context">Answered, with a problem where the first page fails.</param>
    /// <param name="query">Its limit is that of the whole answer.</param>
    public async Task WriteAsync(HttpContext context, LogQuery query)
    {
        if (HttpMethods.IsHead(context.Request.Method))
        {
            // Its headers say nothing of the rows: to read all of them for nobody would be work for nothing.
            context.Response.ContentType = ContentType;
            return;
        }

        using var lines = new RowLines();
        var left = query.Limit;
        for (var end = new PageEnd(query.After, true, default); end.More && left > 0;)
        {
            var page = query with { Limit = Math.Min(left, PageRows) };
            lines.Clear();
            var problem = await gate.RunAsync(token => end = reader.Find(page, lines, token), context);
            if (problem is not null)
            {
                await FailAsync(context, problem);
                return;
            }

            left -= lines.Count;
            query = query with { After = end.Last ?? query.After, Watermark = end.Watermark };
            using var held = gate.Hold(context, lines.Written.Length, out problem);
            if (problem is not null)
            {
                await FailAsync(context, problem);
                return;
            }

            if (!context.Response.HasStarted)
            {
                context.Response.ContentType = ContentType;
            }

            await context.Response.BodyWriter.WriteAsync(lines.Written, context.RequestAborted);
        }
    }

    // Once rows are sent, the only honest sign is a broken answer: an answer that ended would look whole.
    private static Task FailAsync(HttpContext context, Problem problem)
    {
        if (!context.Response.HasStarted)
        {
            return problem.WriteAsync(context);
        }

        context.Abort();
        return Task.CompletedTask;
    }

    /// <summary>Writes rows as JSON lines into memory that is used again for each page.</summary>
    private sealed class RowLines : IRowSink, IDisposable
    {
        // Pages end early where rows are large: a caller that doesn't read keeps one.
        private const int MaxBytes = 256 * 1024;

        private readonly ArrayBufferWriter<byte> _bytes = new(64 * 1024);
        private readonly Utf8JsonWriter _json;

        public RowLines() => _json = new Utf8JsonWriter(_bytes, ApiJson.WriterOptions);

        public int Count { get; private set; }

        public ReadOnlyMemory<byte> Written => _bytes.WrittenMemory;

        public bool Accept(in StoredRow row)
        {
            RowJson.Write(_json, row);
            _json.Flush();
            _json.Reset();
            _bytes.Write("\n"u8);
            Count++;
            return _bytes.WrittenCount < MaxBytes;
        }

        public void Clear()
        {
            _bytes.ResetWrittenCount();
            Count = 0;
        }

        public void Dispose() => _json.Dispose();
    }
}
