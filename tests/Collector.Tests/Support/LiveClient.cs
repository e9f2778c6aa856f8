using System.Text.Json;

namespace Collector.Tests.Support;

/// <summary>A reader of the live stream.</summary>
internal sealed class LiveClient(HttpClient http, StreamReader lines) : IAsyncDisposable
{
    public string? LastId { get; private set; }

    public static async Task<LiveClient> OpenAsync(CollectorProcess collector, string query, string? lastId = null)
    {
        var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://{collector.Web}/api/live?{query}");
        if (lastId is not null)
        {
            request.Headers.Add("Last-Event-ID", lastId);
        }

        var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode().Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");
        return new LiveClient(http, new StreamReader(await response.Content.ReadAsStreamAsync()));
    }

    /// <summary>What comes next; watermarks only move the last id.</summary>
    public async Task<(string Event, JsonElement Data)> NextAsync()
    {
        var name = "";
        while (await lines.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("event: ", StringComparison.Ordinal))
            {
                name = line[7..];
            }
            else if (line.StartsWith("id: ", StringComparison.Ordinal))
            {
                LastId = line[4..];
            }
            else if (line.StartsWith("data: ", StringComparison.Ordinal) && name != "watermark")
            {
                return (name, JsonDocument.Parse(line[6..]).RootElement);
            }
        }

        throw new InvalidOperationException("The stream has ended.");
    }

    public async Task<List<string>> MessagesAsync(int count, string? passingOver = null)
    {
        var messages = new List<string>();
        var bound = new LoopBound();
        while (messages.Count < count && bound.Holds())
        {
            var (name, data) = await NextAsync();
            if (name == passingOver)
            {
                continue;
            }

            name.ShouldBe("log", $"after {messages.Count}: {data}");
            messages.Add(data.GetProperty("message").GetString()!);
        }

        return messages;
    }

    public ValueTask DisposeAsync()
    {
        lines.Dispose();
        http.Dispose();
        return ValueTask.CompletedTask;
    }
}
