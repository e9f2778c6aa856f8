using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Collector.Commands;

/// <summary>Asks a running Collector; what it refuses becomes an exception in its own words.</summary>
/// <param name="address">Its API.</param>
/// <param name="key">To ask with; null: none.</param>
/// <param name="handler">Makes the connections; null: as usual.</param>
internal sealed class ApiClient(Uri address, string? key, HttpMessageHandler? handler = null) : IDisposable
{
    // Contexts may be nested deeper than JSON readers expect.
    private static readonly JsonDocumentOptions _deep = new() { MaxDepth = 256 };

    // Collector limits its answers itself (Query:Timeout); this timeout is for a machine that has gone away.
    private readonly HttpClient _client = new(handler ?? new SocketsHttpHandler()) { Timeout = TimeSpan.FromMinutes(1) };

    /// <exception cref="ApiException">It does not answer, or it refuses.</exception>
    public async Task<JsonElement> GetAsync(string path, CancellationToken cancellation) =>
        await FindAsync(path, cancellation)
        ?? throw new ApiException($"{Name} does not know {path}; it may be older than this command.");

    /// <summary>As <see cref="GetAsync"/>; null where the answer is 404.</summary>
    public async Task<JsonElement?> FindAsync(string path, CancellationToken cancellation)
    {
        using var response = await SendAsync(Get(path), cancellation);
        if (response.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }

        await ThrowIfRefusedAsync(response, cancellation);
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(cancellation);
            using var document = await JsonDocument.ParseAsync(body, _deep, cancellation);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            throw new ApiException($"{Name} does not answer as a Collector does.");
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            throw Unreachable(error);
        }
    }

    /// <summary>A status code and a text, for answers that are not JSON.</summary>
    public async Task<(HttpStatusCode Status, string Text)> ReadTextAsync(string path, CancellationToken cancellation)
    {
        using var response = await SendAsync(Get(path), cancellation);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(cancellation));
    }

    /// <summary>An answer whose body is read as it comes; the caller disposes of it.</summary>
    /// <exception cref="ApiException">It does not answer, or it refuses.</exception>
    public async Task<HttpResponseMessage> OpenAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        var response = await SendAsync(request, cancellation);
        try
        {
            await ThrowIfRefusedAsync(response, cancellation);
            return response;
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    public HttpRequestMessage Get(string path)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, path));
        request.Headers.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        return request;
    }

    public void Dispose() => _client.Dispose();

    private string Name => address.GetLeftPart(UriPartial.Authority);

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        try
        {
            return await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        }
        catch (HttpRequestException error)
        {
            throw Unreachable(error);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            var timeout = _client.Timeout.TotalSeconds;
            throw new ApiException($"{Name} has not answered within {timeout:0} s.") { IsUnreachable = true };
        }
    }

    private static async Task ThrowIfRefusedAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        if (response.IsSuccessStatusCode)
        {
            return;
        }

        var text = await response.Content.ReadAsStringAsync(cancellation);
        var hint = response.StatusCode is HttpStatusCode.Unauthorized ? " (--key-file, COLLECTOR_KEY or 'collector login' give one)" : "";
        throw new ApiException((ProblemOf(text) ?? $"HTTP {(int)response.StatusCode}: {text}") + hint)
        {
            IsRefusal = response.StatusCode == HttpStatusCode.BadRequest,
            IsPassing = (int)response.StatusCode >= 500,
        };
    }

    // RFC 9457.
    private static string? ProblemOf(string text)
    {
        try
        {
            using var problem = JsonDocument.Parse(text);
            var root = problem.RootElement;
            var detail = root.Text("detail");
            return root.Text("parameter") is { } parameter ? $"{parameter}: {detail}" : detail;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private ApiException Unreachable(Exception error) =>
        new($"No Collector answers at {Name}: {error.Message} (--url names another)") { IsUnreachable = true };
}

/// <summary>A Collector that can't be asked, or that refuses.</summary>
internal sealed class ApiException(string message) : Exception(message)
{
    /// <summary>No Collector answers.</summary>
    public bool IsUnreachable { get; init; }

    /// <summary>The question is wrong.</summary>
    public bool IsRefusal { get; init; }

    /// <summary>It may go better in a while.</summary>
    public bool IsPassing { get; init; }
}
