using Collector.Tests.Support;

namespace Collector.Tests.EndToEnd;

/// <summary>Hostile values in every parameter that any address of the API takes, asked of the real process.</summary>
public sealed class HostileParameterTests(RunningCollector running) : IClassFixture<RunningCollector>, IDisposable
{
    private readonly Wire _wire = new();
    private readonly CollectorProcess _collector = running.Process;

    public static TheoryData<string> Values =>
    [
        "'; DROP TABLE tail_logs; --", "\" OR \"\"=\"", "1 OR 1=1", "%", "a%_\\", "$.size", "$[0]", "\0", "a\0b", "\r\nx: y", "<script>", "../../etc/passwd",
        "99999999999999999999", "-1", "NaN", "1e999", "", " ", "٣", "\ud83d\ude00",
    ];

    [Theory]
    [MemberData(nameof(Values))]
    public async Task A_hostile_value_is_a_value_that_matches_nothing_or_a_described_problem(string value)
    {
        await SendAsync();
        foreach (var target in Targets(Uri.EscapeDataString(value)))
        {
            using var answer = await _wire.Client.GetAsync(new Uri($"http://{_collector.Web}{target}"), HttpCompletionOption.ResponseHeadersRead);
            var status = (int)answer.StatusCode;
            status.ShouldBeOneOf([200, 400, 404], target);
            var type = answer.Content.Headers.ContentType?.MediaType;
            if (type is null)
            {
                // Kestrel refuses a NUL in a path by itself.
                (status, value.Contains('\0'), target.Contains('?')).ShouldBe((400, true, false), target);
            }
            else if (type != "text/event-stream")
            {
                ApiDocument.Check(target, status, type, await answer.Content.ReadAsStringAsync());
            }
        }

        (await _collector.MessagesAsync("bystander")).ShouldBe(["here"]);
        _collector.Log.ShouldNotContain("A question failed");
    }

    [Fact]
    public async Task What_is_too_long_in_any_parameter_is_refused_and_harms_nobody()
    {
        foreach (var target in Targets(new string('x', 100_000)))
        {
            using var answer = await _wire.Client.GetAsync(new Uri($"http://{_collector.Web}{target}"));
            ((int)answer.StatusCode).ShouldBe(414, target.Split('=')[0]);
            ApiDocument.Check(target, 414, answer.Content.Headers.ContentType!.MediaType, await answer.Content.ReadAsStringAsync());
        }

        // The longest that a request line takes reaches the readers, which bound it themselves.
        foreach (var target in Targets(new string('x', 60_000)))
        {
            using var answer = await _wire.Client.GetAsync(new Uri($"http://{_collector.Web}{target}"), HttpCompletionOption.ResponseHeadersRead);
            ((int)answer.StatusCode).ShouldBeOneOf([200, 400], target.Split('=')[0]);
        }

        (await _collector.MessagesAsync("bystander")).ShouldBe(["here"]);
        _collector.PeakMemory.ShouldBeLessThan(200L << 20);
    }

    public void Dispose() => _wire.Dispose();

    private static IEnumerable<string> Targets(string value)
    {
        foreach (var path in ApiDocument.Paths.Where(static path => path.StartsWith("/api/", StringComparison.Ordinal)))
        {
            if (path.Contains("{id}", StringComparison.Ordinal))
            {
                yield return path.Replace("{id}", value, StringComparison.Ordinal);
                continue;
            }

            if (!ApiDocument.OperationOf(path).TryGetProperty("parameters", out var parameters))
            {
                continue;
            }

            foreach (var name in parameters.EnumerateArray().Select(ApiDocument.Resolve).Where(static p => p.GetProperty("in").GetString() == "query")
                .Select(static p => p.GetProperty("name").GetString()!))
            {
                yield return $"{path}?{name.Replace("NAME", "size", StringComparison.Ordinal)}={value}";
                if (name is "attr.NAME" or "wall_time_ms")
                {
                    yield return $"{path}?{name.Replace("NAME", "size", StringComparison.Ordinal)}>={value}";
                }

                if (name == "attr.NAME")
                {
                    yield return $"{path}?attr.{value}=1";
                }
            }
        }
    }

    private async Task SendAsync()
    {
        var body = OtlpMessage.Logs("bystander", OtlpMessage.Record(Some.Noon, "here"));
        (await _wire.HttpAsync(_collector.Http, "/v1/logs", body, "application/x-protobuf")).Status.ShouldBe(200);
    }
}
