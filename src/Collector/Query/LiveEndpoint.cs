using System.Buffers;
using System.IO.Pipelines;
using Collector.Limits;
using Collector.Live;
using Collector.Model;
using Collector.Storage;

namespace Collector.Query;

/// <summary>
/// <c>GET /api/live</c>: server-sent events of the rows that match. First the newest ones from the store, then every row
/// as it is committed, without a gap or a repeat; a client that comes back with the id of its last event goes on behind that.
/// </summary>
internal sealed class LiveEndpoint(ILogReader reader, LiveHub hub, Places places, QueryGates gates, TimeProvider clock)
{
    public const string Path = "/api/live";

    private const int DefaultRows = 100;
    private const int PageRows = 1_000;
    private const int FlushBytes = 64 * 1024;

    // Of the newest rows; they may be of any size.
    private const int MaxBytes = 2 * 1024 * 1024;

    // Of a page behind an id, which a client that comes back and doesn't read keeps.
    private const int MaxPageBytes = 128 * 1024;

    public RequestDelegate Create() => ApiEndpoint.Create(clock, Read, (context, asked) => AnswerAsync(context, asked.Query, asked.After));

    private static (LogQuery Query, Arrival? After) Read(ParameterReader read) => (
        FilterReader.Read(read) with { Limit = read.Number("limit", DefaultRows, 0, PageRows) },
        read.Arrival("last_event_id", "Last-Event-ID"));

    private async Task AnswerAsync(HttpContext context, LogQuery query, Arrival? after)
    {
        if (HttpMethods.IsHead(context.Request.Method))
        {
            // The stream has no end that its headers could wait for.
            Begin(context);
            return;
        }

        using var place = places.TryTake(context.Connection.RemoteIpAddress, out var refusal);
        if ((refusal?.Message ?? hub.WhyNot) is { } whyNot)
        {
            await Problem.Busy(whyNot).WriteAsync(context);
            return;
        }

        // After a start no row is new until the index is complete.
        using var ready = new EventList(MaxBytes);
        if (await gates.Arrivals.RunAsync(token => reader.ReadArrivals(Arrival.Last, 0, ready, token), context) is { } notReady)
        {
            await notReady.WriteAsync(context);
            return;
        }

        // An id that was never given here is another store's: a client with such an id is as new as one without.
        if (after is { } last && last.CompareTo(reader.Newest) <= 0)
        {
            await ResumeAsync(context, query, last);
            return;
        }

        // Registered first: the hub offers what is committed from here on, the snapshot has all else.
        using var live = hub.Join(query);
        if (live is null)
        {
            await Problem.Busy(hub.WhyNot ?? "The live stream failed.").WriteAsync(context);
            return;
        }

        if (await SendNewestAsync(context, query, live) is { } problem)
        {
            await problem.WriteAsync(context);
            return;
        }

        await StreamAsync(context, context.Response.BodyWriter, live);
    }

    // Apart, so that the stream, which may go on for days, doesn't keep them.
    private async Task<Problem?> SendNewestAsync(HttpContext context, LogQuery query, LiveReader live)
    {
        var newest = Array.Empty<byte>();
        var problem = query.Limit == 0 ? null : await gates.Snapshots.RunAsync(
            token =>
            {
                using var found = new EventList(MaxBytes);
                reader.Find(query with { Watermark = live.From, Descending = true }, found, token);
                newest = found.Reversed();
            },
            context);
        using var held = problem is null ? gates.Snapshots.Hold(context, newest.Length, out problem) : null;
        if (problem is null)
        {
            var body = Begin(context);
            body.Write(newest);
            using var left = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, live.Over);
            await body.FlushAsync(left.Token);
        }

        return problem;
    }

    // The reader is registered only after the pages up to now, so that catching up fills no buffer.
    private async Task ResumeAsync(HttpContext context, RowFilter filter, Arrival last)
    {
        var body = Begin(context);
        var matcher = new RowMatcher(filter);
        var end = reader.Newest;
        last = await CatchUpAsync(context, body, matcher, last, end);
        using var live = hub.Join(filter, last);
        if (live is null)
        {
            // It has stopped or failed meanwhile: the client comes back with its last id.
            return;
        }

        await CatchUpAsync(context, body, matcher, last, live.From);
        await StreamAsync(context, body, live);
    }

    // Up to a place and not beyond it, since the next step gives the rows from there on.
    private async Task<Arrival> CatchUpAsync(HttpContext context, PipeWriter body, RowMatcher matcher, Arrival last, Arrival end)
    {
        while (last.CompareTo(end) < 0)
        {
            var from = last;
            using var page = new EventList(MaxPageBytes, matcher, end);
            if (await gates.Arrivals.RunAsync(token => last = reader.ReadArrivals(from, PageRows, page, token), context) is not null)
            {
                // Not answered in time: the client comes back with its last id.
                context.Abort();
                return last;
            }

            if (last == from)
            {
                break;
            }

            // The row behind the end, at which reading stopped, was not taken.
            last = last.CompareTo(end) > 0 ? end : last;

            body.Write(page.All);
            if (page.All.IsEmpty)
            {
                // Looking through millions of rows takes minutes: a client that is cut off meanwhile does not begin again.
                body.Write(StreamEvents.Watermark(last));
            }

            await body.FlushAsync(context.RequestAborted);
        }

        return last;
    }

    private static async Task StreamAsync(HttpContext context, PipeWriter body, LiveReader live)
    {
        using var left = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, live.Over);
        try
        {
            body.Write(StreamEvents.Live(live.From));
            await body.FlushAsync(left.Token);
            while (await live.WaitAsync(left.Token))
            {
                while (body.UnflushedBytes < FlushBytes && live.TryWrite(body))
                {
                }

                Tell(body, live);
                await body.FlushAsync(left.Token);
            }

            if (live.WhyCut is { } why)
            {
                Tell(body, live);
                body.Write(StreamEvents.Cut(why, live.Reached));
                await body.FlushAsync(left.Token);
            }
        }
        catch (OperationCanceledException) when (live.Over.IsCancellationRequested && !context.RequestAborted.IsCancellationRequested)
        {
            // It takes not even the reason: its connection ends, with what the server holds for it.
            context.Abort();
        }
    }

    private static void Tell(PipeWriter body, LiveReader live)
    {
        if (live.TakeSkipped() is > 0 and var skipped)
        {
            body.Write(StreamEvents.Skipped(skipped));
        }
    }

    private static PipeWriter Begin(HttpContext context)
    {
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers["X-Accel-Buffering"] = "no";
        return context.Response.BodyWriter;
    }

    // Rows behind the last wanted one come by the live stream.
    private sealed class EventList(int maxBytes, RowMatcher? matcher = null, Arrival? through = null) : IRowSink, IDisposable
    {
        private readonly RowEvents _write = new();
        private readonly ArrayBufferWriter<byte> _bytes = new();
        private readonly List<int> _ends = [];

        public ReadOnlySpan<byte> All => _bytes.WrittenSpan;

        /// <summary>All, the last row first.</summary>
        public byte[] Reversed()
        {
            var reversed = new byte[_bytes.WrittenCount];
            var rest = reversed.AsSpan();
            for (var i = _ends.Count - 1; i >= 0; i--)
            {
                var row = _bytes.WrittenSpan[(i == 0 ? 0 : _ends[i - 1]).._ends[i]];
                row.CopyTo(rest);
                rest = rest[row.Length..];
            }

            return reversed;
        }

        public bool Accept(in StoredRow row)
        {
            if (through is { } last && row.Position.Arrival.CompareTo(last) > 0)
            {
                return false;
            }

            if (matcher is null || matcher.Matches(row))
            {
                _write.Write(row, _bytes);
                _ends.Add(_bytes.WrittenCount);
            }

            return _bytes.WrittenCount < maxBytes;
        }

        public void Dispose() => _write.Dispose();
    }
}
