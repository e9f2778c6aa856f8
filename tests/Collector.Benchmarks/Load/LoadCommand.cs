using System.Diagnostics;
using System.Net;
using Collector.Model;

namespace Collector.Benchmarks.Load;

/// <summary>
/// The load itself: a producer in a process of its own. Each of its senders patches its own template, sends it, and waits
/// for the acknowledgement; what is refused is sent again.
/// </summary>
internal sealed class LoadCommand(LoadOrder order)
{
    private static readonly TimeSpan _backOff = TimeSpan.FromMilliseconds(50);

    private readonly LoadMeter _meter = new(order);
    private readonly Uri _export = new($"http://{order.Grpc}/opentelemetry.proto.collector.logs.v1.LogsService/Export");
    private readonly long _requests = order.Rows / order.RecordsPerRequest;
    private readonly long _started = Stopwatch.GetTimestamp();
    private long _next = -1;

    public async Task RunAsync()
    {
        var clients = Enumerable.Range(0, order.Connections).Select(static _ => new HttpClient(new SocketsHttpHandler())).ToArray();
        await Task.WhenAll(Enumerable.Range(0, order.InFlight).Select(i => Task.Run(() => SendAsync(clients[i % clients.Length]))));
        _meter.Finish();
        foreach (var client in clients)
        {
            client.Dispose();
        }
    }

    private async Task SendAsync(HttpClient client)
    {
        var template = new RequestTemplate(order.RecordsPerRequest, order.IsVaried);
        while (Interlocked.Increment(ref _next) is var number && number < _requests)
        {
            var due = await DueAsync(number);
            template.Patch(order.First + (number * order.RecordsPerRequest), Timestamps.ToNanos(TimeProvider.System.GetUtcNow()));
            while (!await TryExportAsync(client, template.Frame))
            {
                _meter.Refused();
                await Task.Delay(_backOff, TimeProvider.System);
            }

            _meter.Acknowledged(Stopwatch.GetElapsedTime(due));
        }
    }

    // Latency counts from the moment a request was due, so that a stall is seen by all whom it keeps waiting.
    private async ValueTask<long> DueAsync(long number)
    {
        if (order.Rate == 0)
        {
            return Stopwatch.GetTimestamp();
        }

        var due = _started + (long)((double)number * order.RecordsPerRequest / order.Rate * Stopwatch.Frequency);
        var wait = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due);
        if (wait > TimeSpan.Zero)
        {
            // The timer wakes up to a millisecond and more late, which is not Collector's.
            await Task.Delay(wait, TimeProvider.System);
            return Stopwatch.GetTimestamp();
        }

        return due;
    }

    private async Task<bool> TryExportAsync(HttpClient client, byte[] frame)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _export)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(frame),
        };
        request.Content.Headers.TryAddWithoutValidation("content-type", "application/grpc");
        request.Headers.TryAddWithoutValidation("te", "trailers");
        using var response = await client.SendAsync(request);
        await response.Content.CopyToAsync(Stream.Null);
        var status = Header(response, "grpc-status");
        if (Header(response, "collector-duplicate") is not null)
        {
            throw new InvalidOperationException("A request was taken for a repeat: the benchmark measured nothing.");
        }

        // 0 is OK, 14 is UNAVAILABLE: come again.
        return status is "0" or "14" ? status == "0" : throw new InvalidOperationException($"gRPC status {status}: {Header(response, "grpc-message")}");
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.TrailingHeaders.TryGetValues(name, out var values) || response.Headers.TryGetValues(name, out values) ? values.First() : null;
}
