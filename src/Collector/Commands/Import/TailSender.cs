using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Collector.Commands.Import;

/// <summary>
/// Sends tail items to <c>/v1/tail</c> of a Collector, the way that all other tail items come. What it refuses for good is tried in
/// halves, so that an item costs only itself; what it refuses for now, or while it is away, is sent again for half a minute.
/// </summary>
internal sealed class TailSender(
    Uri http, string? key, HttpMessageHandler handler, TimeProvider clock, Action<long, string> complain, Action<string> say) : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _firstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(4);

    private readonly HttpClient _client = new(handler) { Timeout = TimeSpan.FromSeconds(30) };
    private readonly Uri _address = new(http, "/v1/tail");

    public long Stored { get; private set; }

    public void Dispose() => _client.Dispose();

    /// <exception cref="ApiException">No Collector takes them.</exception>
    public async Task SendAsync(IReadOnlyList<CutObject> items, CancellationToken cancellation)
    {
        var body = Body(items);
        var since = clock.GetTimestamp();
        for (var pause = _firstPause; ; pause = pause * 2 < _longestPause ? pause * 2 : _longestPause)
        {
            var (status, text) = await TrySendAsync(body, cancellation);
            if (status == HttpStatusCode.OK)
            {
                Count(items, text);
                return;
            }

            if (status is HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge)
            {
                await DivideAsync(items, text, cancellation);
                return;
            }

            var isPassing = status is null or HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout or >= HttpStatusCode.InternalServerError;
            var told = status is null ? $"no Collector answers at {_address}: {text}" : $"{_address} answers {(int)status}: {text}";
            if (!isPassing || clock.GetElapsedTime(since) + pause > _patience)
            {
                throw new ApiException($"{told} (whatever stood before line {items[0].Line} is stored or was named)") { IsUnreachable = isPassing };
            }

            if (pause == _firstPause)
            {
                say($"{told}; trying again for {_patience.TotalSeconds:0} s");
            }

            using var timer = new PeriodicTimer(pause, clock);
            await timer.WaitForNextTickAsync(cancellation);
        }
    }

    private async Task DivideAsync(IReadOnlyList<CutObject> items, string text, CancellationToken cancellation)
    {
        if (items.Count == 1)
        {
            complain(items[0].Line, text);
            return;
        }

        var half = items.Count / 2;
        await SendAsync([.. items.Take(half)], cancellation);
        await SendAsync([.. items.Skip(half)], cancellation);
    }

    private async Task<(HttpStatusCode? Status, string Text)> TrySendAsync(byte[] body, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _address) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        if (key is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        try
        {
            using var response = await _client.SendAsync(request, cancellation);
            return (response.StatusCode, VisibleText.Of(await response.Content.ReadAsStringAsync(cancellation)));
        }
        catch (HttpRequestException error)
        {
            return (null, error.Message);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return (null, $"no answer within {_client.Timeout.TotalSeconds:0} s");
        }
    }

    private void Count(IReadOnlyList<CutObject> items, string text)
    {
        try
        {
            using var answer = JsonDocument.Parse(text);
            Stored += answer.RootElement.GetProperty("accepted").GetInt64();
            foreach (var reason in answer.RootElement.GetProperty("reasons").EnumerateArray())
            {
                complain(items[reason.GetProperty("index").GetInt32()].Line, reason.GetProperty("reason").GetString() ?? "rejected");
            }
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentOutOfRangeException)
        {
            throw new ApiException($"{_address} does not answer as a Collector does.");
        }
    }

    private static byte[] Body(IReadOnlyList<CutObject> items)
    {
        using var body = new MemoryStream(items.Sum(static item => item.Bytes.Length + 1) + 1);
        for (var i = 0; i < items.Count; i++)
        {
            body.WriteByte(i == 0 ? (byte)'[' : (byte)',');
            body.Write(items[i].Bytes);
        }

        body.WriteByte((byte)']');
        return body.ToArray();
    }
}
