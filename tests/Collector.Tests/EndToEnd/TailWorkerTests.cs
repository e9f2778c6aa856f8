using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Collector.Tests.Support;

namespace Collector.Tests.EndToEnd;

/// <summary>The tail worker: its own tests, and Workers in the real runtime against the real process.</summary>
public sealed class TailWorkerTests
{
    private static readonly NodePackage _package = new(Repository.PathOf("src", "CloudflareTail"));

    [NodeFact]
    public async Task Its_own_tests_pass() => (await _package.RunScriptAsync("test")).ShouldContain("passed");

    [NodeFact]
    public async Task What_workers_did_in_the_real_runtime_is_what_the_rows_say()
    {
        await using var collector = await CollectorProcess.StartAsync();
        using var runtime = await _package.StartAsync("runtime/run.mjs", $"http://{collector.Http}");
        // Both are read: a full pipe would stop the runtime.
        var errors = runtime.StandardError.ReadToEndAsync();
        var calls = await CallsAsync(runtime);
        var over = Stopwatch.GetTimestamp();

        (string Id, string[] Rows)[] expected =
        [
            ("runtime-levels", ["request info GET /levels 200", "log debug debug line", "log info log line 1 true null null {\"a\":[1,\"b\"]}",
                "log info answer is 42", "log warn structured object", "log error structured text"]),
            ("runtime-missing", ["request info GET /missing 404"]),
            ("runtime-throw", ["request error GET /throw exception", "log info about to throw", "exception error TypeError: uncaught here"]),
            ("runtime-wait-until", ["request error GET /wait-until 200", "exception error RangeError: thrown in waitUntil"]),
            ("runtime-cron", ["request error scheduled */5 * * * *", "log info cron fired", "exception error Error: thrown in scheduled"]),
            ("runtime-queue", ["request error queue orders (2)", "log info took", "log info took", "exception error Error: thrown in queue"]),
        ];
        await Eventually.IsSoAsync(
            async () => (await collector.LedgerAsync()).Stored >= expected.Sum(one => one.Rows.Length), () => collector.Log);
        Stopwatch.GetElapsedTime(over).ShouldBeLessThan(TimeSpan.FromSeconds(10));

        foreach (var (id, rows) in expected)
        {
            var found = (await collector.GetJsonAsync($"/api/correlations/{id}")).GetProperty("logs").EnumerateArray().ToArray();
            found.Select(Describe).ShouldBe(rows, id);
            found.Select(row => row.GetProperty("timestamp").GetString()).ShouldBeInOrder();
            found.ShouldAllBe(row => row.GetProperty("correlation_id").GetString() == id);
        }

        foreach (var call in calls.EnumerateArray())
        {
            var request = (await collector.GetJsonAsync($"/api/correlations/{call.GetProperty("id").GetString()}")).GetProperty("logs")[0];
            var time = DateTimeOffset.Parse(request.GetProperty("timestamp").GetString()!, CultureInfo.InvariantCulture).ToUnixTimeMilliseconds();
            time.ShouldBeInRange(call.GetProperty("started").GetInt64() - 1, call.GetProperty("ended").GetInt64() + 1);
        }

        runtime.StandardInput.Close();
        var rest = await runtime.StandardOutput.ReadToEndAsync();
        await runtime.WaitForExitAsync();
        (rest + await errors).ShouldNotContain("collector-tail gave up");
    }

    [NodeFact]
    public async Task A_workers_request_and_the_real_service_that_it_called_are_one_closure()
    {
        await using var collector = await CollectorProcess.StartAsync();
        await using var service = await ShopService.StartAsync(collector);
        using var runtime = await _package.StartAsync("runtime/run.mjs", $"http://{collector.Http}", "0", service.Address);
        var errors = runtime.StandardError.ReadToEndAsync();
        await CallsAsync(runtime);
        await service.ExportAsync();

        string[] expected = ["request GET /call 200", "log the service said placed", "request POST /", "log Order placed"];
        foreach (var id in new[] { "runtime-call", "0af7651916cd43dd8448eb211c80319c" })
        {
            JsonElement found = default;
            await Eventually.IsSoAsync(
                async () => (found = await collector.TryGetJsonAsync($"/api/correlations/{id}")).ValueKind == JsonValueKind.Object
                    && found.GetProperty("logs").GetArrayLength() >= expected.Length,
                () => $"{found}\n{collector.Log}");
            found.GetProperty("logs").EnumerateArray()
                .Select(row => $"{row.GetProperty("kind").GetString()} {row.GetProperty("message").GetString()}")
                .ShouldBe(expected, ignoreOrder: true);
            // Outside of Cloudflare a script has no name.
            found.GetProperty("workers").EnumerateArray().Select(worker => worker.GetString()).ShouldBe(["shop", "unknown-worker"], ignoreOrder: true);
        }

        runtime.StandardInput.Close();
        await runtime.WaitForExitAsync();
        (await errors).ShouldNotContain("collector-tail gave up");
    }

    private static async Task<JsonElement> CallsAsync(Process runtime)
    {
        // Between them stand the console lines of the Workers.
        while (await runtime.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("{\"calls\":", StringComparison.Ordinal))
            {
                return JsonDocument.Parse(line).RootElement.GetProperty("calls");
            }
        }

        throw new InvalidOperationException("The runtime ended before its calls were over.");
    }

    private static string Describe(JsonElement row) =>
        $"{row.GetProperty("kind").GetString()} {row.GetProperty("log_level").GetString()} {row.GetProperty("message").GetString()}";
}
