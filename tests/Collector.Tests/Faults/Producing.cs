using System.Net;

namespace Collector.Tests.Faults;

/// <summary>
/// Some producers, each of which sends its requests one after another over OTLP/HTTP and sends again what was not
/// acknowledged, a bounded number of times; keeps account of what was acknowledged.
/// </summary>
internal sealed class Producing(IReadOnlyList<NumberedRequests> producers, HttpClient client)
{
    private readonly Lock _gate = new();
    private readonly HashSet<string> _acknowledged = new(StringComparer.Ordinal);
    private readonly HashSet<string> _sent = new(StringComparer.Ordinal);

    /// <summary>Names of the records whose request was answered 200 while it counted.</summary>
    public IReadOnlySet<string> Acknowledged => _acknowledged;

    /// <summary>Names of all records that went out.</summary>
    public IReadOnlySet<string> Sent => _sent;

    /// <summary>Requests that were answered with anything but 200 or a request to try again: there must be none.</summary>
    public int FinalRefusals { get; private set; }

    /// <param name="first">Number of each producer's first request.</param>
    /// <param name="count">Requests of each.</param>
    /// <param name="tries">For each request.</param>
    /// <param name="address">Asked anew for each try.</param>
    /// <param name="counts">Whether an answer still counts; asked when it is there.</param>
    /// <param name="isOver">Ends it early.</param>
    public Task SendAsync(int first, int count, int tries, Func<IPEndPoint> address, Func<bool> counts, Func<bool> isOver) =>
        Task.WhenAll(producers.Select(producer => Task.Run(async () =>
        {
            for (var number = first; number < first + count && !isOver(); number++)
            {
                await SendAsync(producer, number, tries, address, counts, isOver);
            }
        })));

    private async Task SendAsync(
        NumberedRequests producer, int number, int tries, Func<IPEndPoint> address, Func<bool> counts, Func<bool> isOver)
    {
        var (messages, body) = (producer.Messages(number), producer.Body(number));
        lock (_gate)
        {
            _sent.UnionWith(messages);
        }

        for (var i = 0; i < tries && !isOver(); i++)
        {
            var status = await PostAsync(address(), body);
            lock (_gate)
            {
                if (status == 200)
                {
                    if (counts())
                    {
                        _acknowledged.UnionWith(messages);
                    }

                    return;
                }

                FinalRefusals += status is 0 or 429 or 503 ? 0 : 1;
            }
        }
    }

    // 0: the connection broke, so that nobody knows.
    private async Task<int> PostAsync(IPEndPoint address, byte[] body)
    {
        try
        {
            using var content = new ByteArrayContent(body);
            content.Headers.TryAddWithoutValidation("content-type", "application/x-protobuf");
            using var response = await client.PostAsync(new Uri($"http://{address}/v1/logs"), content);
            return (int)response.StatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return 0;
        }
    }
}
