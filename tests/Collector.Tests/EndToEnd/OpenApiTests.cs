using System.Net;
using System.Text.Json;
using Collector.Commands;
using Collector.Tests.Support;
using Microsoft.OpenApi;

namespace Collector.Tests.EndToEnd;

/// <summary>
/// The API's description against the real process: what it answers, which parameters it reads. Beyond these, every
/// answer that any test reads with <see cref="CollectorProcess.GetJsonAsync"/> is held against the description.
/// </summary>
public sealed class OpenApiTests(RunningCollector running) : IClassFixture<RunningCollector>, IDisposable
{
    private const string Problem = "application/problem+json";

    private readonly Wire _wire = new();
    private readonly CollectorProcess _collector = running.Process;

    public static TheoryData<string> Paths => [.. ApiDocument.Paths];

    [Fact]
    public async Task The_description_is_served_as_it_is_checked_in_and_only_where_it_is_true()
    {
        (await GetAsync("/openapi/v1.json")).ShouldBe((200, "application/json", ApiDocument.Text));
        (await _wire.HttpAsync(_collector.Http, "/openapi/v1.json", [], null, method: "GET")).Status.ShouldBe(404);
    }

    [Fact]
    public void The_description_is_well_formed_OpenAPI_3_1()
    {
        var read = OpenApiDocument.Parse(ApiDocument.Text, "json");
        read.Diagnostic.ShouldNotBeNull().SpecificationVersion.ShouldBe(OpenApiSpecVersion.OpenApi3_1);
        read.Diagnostic.Errors.Select(static error => $"{error.Pointer}: {error.Message}").ShouldBeEmpty();
        read.Diagnostic.Warnings.Select(static warning => $"{warning.Pointer}: {warning.Message}").ShouldBeEmpty();
        read.Document.ShouldNotBeNull().Paths.Count.ShouldBe(ApiDocument.Paths.Count());
    }

    [Fact]
    public void Every_object_is_closed_and_all_its_members_are_there_but_a_problems_parameter()
    {
        foreach (var (place, schema) in ObjectSchemas(ApiDocument.Root.GetProperty("components").GetProperty("schemas"), ""))
        {
            var isPart = place is "/Figures" or "/LedgerCounts";
            (isPart || schema.TryGetProperty("additionalProperties", out _) || schema.TryGetProperty("unevaluatedProperties", out _))
                .ShouldBeTrue($"{place} is open");
            var required = schema.TryGetProperty("required", out var names) ? names.EnumerateArray().Select(static n => n.GetString()!) : [];
            var members = schema.TryGetProperty("properties", out var all) ? all.EnumerateObject().Select(static m => m.Name) : [];
            required.ShouldBe(members.Where(name => (place, name) != ("/Problem", "parameter")), ignoreOrder: true, place);
        }
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task The_parameters_that_are_read_are_those_that_are_described(string path)
    {
        var described = ApiDocument.OperationOf(path).TryGetProperty("parameters", out var parameters)
            ? parameters.EnumerateArray().Select(ApiDocument.Resolve)
                .Where(static p => p.GetProperty("in").GetString() == "query").Select(static p => p.GetProperty("name").GetString()!)
            : [];

        var (status, type, text) = await GetAsync(path.Replace("{id}", "any", StringComparison.Ordinal) + "?no_such_parameter=1");

        if (path is "/metrics" or "/healthz" or "/readyz")
        {
            // Whoever scrapes or probes may add what it likes.
            (status, described).ShouldBe((200, []));
            return;
        }

        (status, type).ShouldBe((400, Problem));
        var problem = JsonDocument.Parse(text).RootElement;
        problem.GetProperty("parameter").GetString().ShouldBe("no_such_parameter");
        var detail = problem.GetProperty("detail").GetString()!;
        var read = detail.Contains("none is legal", StringComparison.Ordinal) ? [] : detail.Split("legal are ")[1].TrimEnd('.').Split(", ");
        read.ShouldBe(described, ignoreOrder: true);
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task A_wrong_method_is_405_and_the_legal_ones_are_named(string path)
    {
        foreach (var method in new[] { "POST", "PUT", "DELETE", "PATCH", "OPTIONS" })
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), Url(path.Replace("{id}", "any", StringComparison.Ordinal)));
            using var answer = await _wire.Client.SendAsync(request);

            answer.StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed, $"{method} {path}");
            answer.Content.Headers.Allow.ShouldContain("GET");
            ApiDocument.Check(path, 405, answer.Content.Headers.ContentType!.MediaType, await answer.Content.ReadAsStringAsync());
        }
    }

    [Theory]
    [InlineData("/api")]
    [InlineData("/api/")]
    [InlineData("/api/nothing")]
    [InlineData("/api/nothing.json")]
    [InlineData("/api/logs/nothing")]
    [InlineData("/openapi/v2.json")]
    public async Task An_unknown_path_is_404_as_a_problem(string path)
    {
        foreach (var method in new[] { "GET", "POST" })
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), Url(path));
            using var answer = await _wire.Client.SendAsync(request);
            answer.StatusCode.ShouldBe(HttpStatusCode.NotFound, path);
            answer.Content.Headers.ContentType!.MediaType.ShouldBe(Problem, path);
            JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("detail").GetString().ShouldNotBeNull().ShouldContain(path);
        }
    }

    [Theory]
    [InlineData("/api/logs?level=loud", 400)]
    [InlineData("/api/logs?wall_time_ms=soon", 400)]
    [InlineData("/api/logs?attr.=1", 400)]
    [InlineData("/api/logs/histogram?step=1y", 400)]
    [InlineData("/api/correlations/", 400)]
    [InlineData("/api/correlations", 400)]
    [InlineData("/api/correlations/never-seen", 404)]
    [InlineData("/api/correlations/any?limit=1", 400)]
    [InlineData("/api/live?last_event_id=x", 400)]
    [InlineData("/api/metrics?from=1h&to=2h", 400)]
    [InlineData("/api/workers?from=tomorrow", 400)]
    [InlineData("/api/ledger?worker=a", 400)]
    [InlineData("/api/status?a=b", 400)]
    [InlineData("/api/storage?a", 400)]
    public async Task Errors_are_described_problems_that_name_the_parameter(string target, int status)
    {
        var answer = await GetAsync(target);

        (answer.Status, answer.Type).ShouldBe((status, Problem));
        ApiDocument.Check(target, status, answer.Type, answer.Text);
        JsonDocument.Parse(answer.Text).RootElement.GetProperty("parameter").GetString().ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task A_foreign_host_is_421_as_described()
    {
        foreach (var path in ApiDocument.Paths.Where(static path => path is not ("/healthz" or "/readyz")))
        {
            var answer = await _wire.HttpAsync(_collector.Web, path, [], null, null, "GET", ("Host", "evil.example"));
            answer.Status.ShouldBe(421, path);
            ApiDocument.Check(path, 421, Problem, answer.Text);
        }
    }

    [Fact]
    public async Task Every_legal_value_fits_into_a_request()
    {
        // Percent-encoded, a character of three bytes is nine.
        var longest = Uri.EscapeDataString(new string('世', 1024));
        var target = "/api/logs?" + string.Join('&', new[] { "worker", "request_id", "outcome", "q" }.Select(name => $"{name}={longest}"))
            + $"&correlation_id={Uri.EscapeDataString(new string('界', 256))}";

        var answer = await GetAsync(target);

        answer.Status.ShouldBe(200, answer.Text);
    }

    public void Dispose() => _wire.Dispose();

    private static IEnumerable<(string Place, JsonElement Schema)> ObjectSchemas(JsonElement element, string place)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            return element.EnumerateArray().SelectMany((item, index) => ObjectSchemas(item, $"{place}/{index}"));
        }

        if (element.ValueKind != JsonValueKind.Object)
        {
            return [];
        }

        var below = element.EnumerateObject().SelectMany(member => ObjectSchemas(member.Value, $"{place}/{member.Name}"));
        var isObject = element.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.GetString() == "object";
        return isObject ? below.Prepend((place, element)) : below;
    }

    private Uri Url(string target) => new($"http://{_collector.Web}{target}");

    private async Task<(int Status, string? Type, string Text)> GetAsync(string target)
    {
        using var answer = await _wire.Client.GetAsync(Url(target));
        return ((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType, await answer.Content.ReadAsStringAsync());
    }
}
