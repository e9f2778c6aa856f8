using System.Globalization;
using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Text.Json;

namespace Collector.Commands;

/// <summary>
/// Reads <c>/api/live</c>: rows as they are committed. When the connection breaks it is opened again behind the last
/// row that came, so that none is missed or shown twice. Ends with the caller's cancellation, or when Collector refuses.
/// </summary>
internal sealed class LiveFollower(ApiClient client, CommandContext context, RowPrinter printer)
{
    /// <summary>Collector sends at least a watermark every 15 s; three that are missing mean that it is gone.</summary>
    internal static readonly TimeSpan MaxSilence = TimeSpan.FromSeconds(45);

    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(1);

    // Of the last row that was shown.
    private string? _lastId;
    private bool _wasConnected;

    public async Task<int> RunAsync(string[] query, int limit, CancellationToken cancellation)
    {
        var parts = query.Append(LogFilters.Part("limit", limit.ToString(CultureInfo.InvariantCulture)));
        var path = "/api/live?" + string.Join('&', parts);
        using var pauses = new PeriodicTimer(_pause, context.Clock);
        while (true)
        {
            var why = await FollowAsync(path, cancellation);
            cancellation.ThrowIfCancellationRequested();
            context.Errors.WriteLine($"The connection is gone ({why}); trying again.");
            await pauses.WaitForNextTickAsync(cancellation);
        }
    }

    // Returns what ended the connection, when another try may help.
    private async Task<string> FollowAsync(string path, CancellationToken cancellation)
    {
        using var silence = new CancellationTokenSource(MaxSilence, context.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellation);
        try
        {
            using var response = await client.OpenAsync(Request(path), either.Token);
            _wasConnected = true;
            var body = await response.Content.ReadAsStreamAsync(either.Token);
            await using var watched = new WatchedStream(body, () => silence.CancelAfter(MaxSilence));
            await foreach (var item in SseParser.Create(watched).EnumerateAsync(either.Token))
            {
                await TakeAsync(item, cancellation);
            }

            return "it was closed";
        }
        catch (ApiException error) when (_wasConnected && (error.IsUnreachable || error.IsPassing))
        {
            return error.Message;
        }
        catch (Exception error) when (error is (IOException or HttpRequestException) && !Output.IsClosed(error))
        {
            return error.Message;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return "it was silent";
        }
    }

    private HttpRequestMessage Request(string path)
    {
        var request = client.Get(path);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        if (_lastId is not null)
        {
            request.Headers.Add("Last-Event-ID", _lastId);
        }

        return request;
    }

    private async Task TakeAsync(SseItem<string> item, CancellationToken cancellation)
    {
        switch (item.EventType)
        {
            case "log":
                using (var row = JsonDocument.Parse(item.Data, new JsonDocumentOptions { MaxDepth = 256 }))
                {
                    printer.Print(row.RootElement);
                }

                await context.Output.Text.FlushAsync(cancellation);
                break;
            case "skipped":
                using (var skipped = JsonDocument.Parse(item.Data))
                {
                    var count = skipped.RootElement.Count("count");
                    context.Errors.WriteLine($"{count} rows are left out here: they came faster than they can be sent or read.");
                }

                break;
        }

        // Only now, since a row that was not shown must come again.
        _lastId = item.EventId ?? _lastId;
    }
}
