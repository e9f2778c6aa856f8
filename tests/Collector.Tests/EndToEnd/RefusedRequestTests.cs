using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Collector.Tests.Support;

namespace Collector.Tests.EndToEnd;

/// <summary>Requests that the server refuses before any address sees them: each is told what was wrong and what is legal.</summary>
public sealed class RefusedRequestTests(RunningCollector running) : IClassFixture<RunningCollector>
{
    private const string Host = "Host: localhost\r\n";

    private readonly CollectorProcess _collector = running.Process;

    [Theory]
    [InlineData("/api/logs?q=", "q", "1 to 1024 characters")]
    [InlineData("/api/logs?limit=5&q=rare&worker=", "worker", "1 to 1024 characters")]
    [InlineData("/api/logs?level=", "level", "debug, info, warn, error")]
    [InlineData("/api/logs?limit=", "limit", "a whole number from 1 to 1000")]
    [InlineData("/api/logs?attr.size=", "attr.size", "a shorter one")]
    [InlineData("/api/logs?nobody%27s=", "nobody's", "a shorter one")]
    [InlineData("/api/correlations/", "id", "1 to 256 characters")]
    [InlineData("/api/", null, "a shorter one")]
    public async Task A_line_of_a_megabyte_names_its_parameter_and_what_is_legal(string target, string? parameter, string legal)
    {
        var answer = await AskAsync($"GET {target}{new string('x', 1 << 20)} HTTP/1.1\r\n{Host}\r\n");

        answer.Status.ShouldBe(414);
        var problem = answer.Problem;
        problem.GetProperty("detail").GetString().ShouldNotBeNull().ShouldContain($"65536 bytes, and its longest part is {(parameter is null ? "the path" : $"'{parameter}'")}; legal is {legal}.");
        (problem.TryGetProperty("parameter", out var named) ? named.GetString() : null).ShouldBe(parameter);
    }

    [Theory]
    [InlineData("NONSENSE\r\n\r\n", 400, "Invalid request line; legal is")]
    [InlineData("GET /api/logs HTTP/1.1\r\n\r\n", 400, "missing Host header; legal is")]
    [InlineData("GET /api/logs HTTP/1.1\r\nHost: a b\r\n\r\n", 400, "Invalid Host header: 'a b'; legal is")]
    [InlineData("GET /api/logs HTTP/1.1\r\n" + Host + "no colon\r\n\r\n", 400, "legal is")]
    [InlineData("GET /api/correlations/a%00b HTTP/1.1\r\n" + Host + "\r\n", 400, "no NUL in its path")]
    [InlineData("GET /api/logs HTTP/3.7\r\n" + Host + "\r\n", 505, "legal is HTTP/1.0 and HTTP/1.1")]
    [InlineData("POST /api/logs HTTP/1.0\r\n" + Host + "\r\n", 400, "no Content-Length header; legal is")]
    public async Task A_request_that_cannot_be_read_is_told_why(string request, int status, string detail)
    {
        var answer = await AskAsync(request);

        answer.Status.ShouldBe(status);
        answer.Problem.GetProperty("detail").GetString().ShouldNotBeNull().ShouldContain(detail);
    }

    [Fact]
    public async Task Headers_that_are_too_large_or_too_many_are_told_so()
    {
        foreach (var headers in new[] { $"x: {new string('y', 40_000)}\r\n", string.Concat(Enumerable.Repeat("x: y\r\n", 101)) })
        {
            var answer = await AskAsync($"GET /api/logs HTTP/1.1\r\n{Host}{headers}\r\n");
            answer.Status.ShouldBe(431);
            answer.Problem.GetProperty("detail").GetString().ShouldNotBeNull().ShouldContain("at most 100 headers of together at most 32768 bytes");
        }
    }

    [Fact]
    public async Task What_was_asked_before_on_the_same_connection_is_answered_as_ever()
    {
        var text = await SendAsync($"GET /api/logs?limit=1 HTTP/1.1\r\n{Host}\r\nGET /api/logs?q={new string('x', 100_000)} HTTP/1.1\r\n{Host}\r\n");

        text.ShouldStartWith("HTTP/1.1 200 OK");
        text.ShouldContain("\"next_cursor\"");
        text.ShouldContain("HTTP/1.1 414 URI Too Long");
        text.ShouldEndWith("\"parameter\":\"q\"}");
    }

    [Fact]
    public async Task A_refused_head_has_no_body() =>
        (await SendAsync("HEAD /healthz HTTP/1.1\r\n\r\n")).ShouldEndWith("\r\n\r\n");

    [Fact]
    public async Task A_hundred_long_lines_at_once_cost_little_memory_and_the_log_is_silent()
    {
        await using var collector = await CollectorProcess.StartAsync();
        var before = collector.PeakMemory;
        var request = $"GET /api/logs?q={new string('x', 5 << 20)} HTTP/1.1\r\n{Host}\r\n";

        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => SendAsync(request, collector)));

        answers.ShouldAllBe(static answer => answer.EndsWith("\"parameter\":\"q\"}"));
        (collector.PeakMemory - before).ShouldBeLessThan(60L << 20);
        collector.Log.ShouldNotContain("Exception");
        collector.Log.ShouldNotContain("fail:");
    }

    private async Task<(int Status, JsonElement Problem)> AskAsync(string request)
    {
        var parts = (await SendAsync(request)).Split("\r\n\r\n");
        parts.Length.ShouldBe(2, request[..Math.Min(request.Length, 100)]);
        parts[0].ShouldContain("\r\nContent-Type: application/problem+json\r\n");
        parts[0].ShouldContain($"\r\nContent-Length: {Encoding.UTF8.GetByteCount(parts[1])}\r\n");
        parts[0].ShouldContain("\r\nConnection: close\r\n");
        var problem = JsonDocument.Parse(parts[1]).RootElement;
        var status = int.Parse(parts[0].Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
        problem.GetProperty("status").GetInt32().ShouldBe(status);
        return (status, problem);
    }

    private Task<string> SendAsync(string request) => SendAsync(request, _collector);

    // To the connection's end, which the server makes.
    private static async Task<string> SendAsync(string request, CollectorProcess collector)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(collector.Web);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request));
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync();
    }
}
