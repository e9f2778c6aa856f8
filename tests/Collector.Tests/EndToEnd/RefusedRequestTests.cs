using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Collector.Tests.Support;

namespace Collector.Tests.EndToEnd;

/// <summary>Requests whose line or headers are too long.</summary>
public sealed class RefusedRequestTests(RunningCollector running) : IClassFixture<RunningCollector>
{
    private const string Host = "Host: localhost\r\n";

    private readonly CollectorProcess _collector = running.Process;

    [Theory]
    [InlineData("/api/logs?q=", "q", "0 to 1024 characters")]
    [InlineData("/api/logs?limit=5&q=rare&worker=", "worker", "1 to 1024 characters")]
    [InlineData("/api/logs?level=", "level", "debug, info, warn, error")]
    [InlineData("/api/logs?limit=", "limit", "a whole number from 1 to 1000")]
    [InlineData("/api/logs?attr.size=", "attr.size", "a shorter one")]
    [InlineData("/api/logs?nobody%27s=", "nobody's", "a shorter one")]
    [InlineData("/api/correlations/", "id", "1 to 256 characters")]
    [InlineData("/api/", null, "a shorter one")]
    public async Task A_long_line_names_its_parameter_and_what_is_legal(string target, string? parameter, string legal)
    {
        var answer = await AskAsync($"GET {target}{new string('x', 100_000)} HTTP/1.1\r\n{Host}Connection: close\r\n\r\n");

        answer.Status.ShouldBe(414);
        var problem = answer.Problem;
        problem.GetProperty("detail").GetString().ShouldNotBeNull().ShouldContain($"65536 bytes, and its longest part is {(parameter is null ? "the path" : $"'{parameter}'")}; legal is {legal}.");
        (problem.TryGetProperty("parameter", out var named) ? named.GetString() : null).ShouldBe(parameter);
    }

    [Fact]
    public async Task A_line_of_a_megabyte_and_headers_that_are_too_large_are_refused_without_a_body()
    {
        string[] headers = [$"x: {new string('y', 40_000)}\r\n", string.Concat(Enumerable.Repeat("x: y\r\n", 101))];
        foreach (var header in headers)
        {
            (await SendAsync($"GET /api/logs HTTP/1.1\r\n{Host}{header}\r\n")).ShouldStartWith("HTTP/1.1 431 ");
        }

        // Kestrel closes the connection under a caller that still sends, which may lose the answer.
        var answer = await SendAsync($"GET /api/logs?q={new string('x', 1 << 20)} HTTP/1.1\r\n{Host}\r\n");
        answer.ShouldMatch("^$|^HTTP/1.1 414 ");
    }

    [Fact]
    public async Task A_hundred_long_lines_at_once_cost_little_memory_and_the_log_is_silent()
    {
        await using var collector = await CollectorProcess.StartAsync();
        var before = collector.PeakMemory;
        var request = $"GET /api/logs?q={new string('x', 5 << 20)} HTTP/1.1\r\n{Host}\r\n";

        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => SendAsync(request, collector)));

        answers.ShouldAllBe(static answer => answer.Length == 0 || answer.StartsWith("HTTP/1.1 414 "));
        (collector.PeakMemory - before).ShouldBeLessThan(60L << 20);
        collector.Log.ShouldNotContain("Exception");
        collector.Log.ShouldNotContain("fail:");
        (await collector.GetJsonAsync("/api/status")).GetProperty("ready").GetBoolean().ShouldBeTrue();
    }

    private async Task<(int Status, JsonElement Problem)> AskAsync(string request)
    {
        var answer = await SendAsync(request);
        var head = answer[..answer.IndexOf("\r\n\r\n", StringComparison.Ordinal)];
        head.ShouldContain("\r\nContent-Type: application/problem+json\r\n");
        var problem = JsonDocument.Parse(answer[answer.IndexOf('{')..(answer.LastIndexOf('}') + 1)]).RootElement;
        var status = int.Parse(head.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
        problem.GetProperty("status").GetInt32().ShouldBe(status);
        return (status, problem);
    }

    private Task<string> SendAsync(string request) => SendAsync(request, _collector);

    // To the connection's end, which the server makes; what came before a reset counts.
    private static async Task<string> SendAsync(string request, CollectorProcess collector)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(collector.Web);
        await using var stream = client.GetStream();
        var answer = new StringBuilder();
        using var reader = new StreamReader(stream);
        try
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(request));
            var buffer = new char[4096];
            for (int read; (read = await reader.ReadAsync(buffer)) > 0;)
            {
                answer.Append(buffer, 0, read);
            }
        }
        catch (IOException)
        {
            // The server has closed the connection under what is still being sent.
        }

        return answer.ToString();
    }
}
