using System.Diagnostics;
using Collector.Tests.Support;

namespace Collector.Tests.Access;

/// <summary>
/// What other machines reach: in a network of the test's own, with a Collector at an address that is not loopback. Left out
/// where a network can't be made.
/// </summary>
public sealed class OffLoopbackTests : IDisposable
{
    // $1 is the Collector, $2 its data folder, $3 a setting; each line that it prints is a name and a status.
    private const string Script = """
        set -e
        ip link set lo up
        ip addr add 10.73.73.1/32 dev lo
        COLLECTOR_Listen__Grpc=10.73.73.1:4317 COLLECTOR_Listen__Http=10.73.73.1:4318 COLLECTOR_Listen__Web=10.73.73.1:4380 \
          dotnet "$1" --Storage:Path="$2" "$3" > "$2/log.txt" 2>&1 &
        pid=$!
        trap 'kill $pid; wait $pid || true' EXIT
        for i in $(seq 150); do curl -m 1 -s http://10.73.73.1:4380/readyz > /dev/null && break; sleep 0.2; done
        try() { name=$1; shift; echo "$name $(curl -m 5 -s -o /dev/null -w '%{http_code}' "$@")"; }
        send='Content-Type: application/json'
        try health http://10.73.73.1:4380/readyz
        try read http://10.73.73.1:4380/api/logs
        try page http://10.73.73.1:4380/logs
        try send -H "$send" -d '{}' http://10.73.73.1:4318/v1/logs
        try swapped -H "$send" -d '{}' http://10.73.73.1:4317/v1/logs
        try read-with-key -H "Authorization: Bearer $(cat "$2/keys/admin.key")" http://10.73.73.1:4380/api/logs
        try read-with-sender -H "Authorization: Bearer $(cat "$2/keys/sender.key")" http://10.73.73.1:4380/api/logs
        try send-with-key -H "$send" -H "Authorization: Bearer $(cat "$2/keys/sender.key")" -d '{}' http://10.73.73.1:4318/v1/logs
        try send-with-admin -H "$send" -H "Authorization: Bearer $(cat "$2/keys/admin.key")" -d '{}' http://10.73.73.1:4318/v1/logs
        stat -c 'mode-%n %a' "$2"/keys/*.key "$2/keys/keys.json" | sed "s,$2/keys/,,"
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [NetworkFact]
    public async Task Nobody_passes_without_a_key_and_the_keys_are_made_and_shown_once()
    {
        var first = await RunAsync();
        first.ShouldBe(
        [
            "health 200", "read 401", "page 401", "send 401", "swapped 401", "read-with-key 200", "read-with-sender 403", "send-with-key 200",
            "send-with-admin 403", "mode-admin.key 600", "mode-sender.key 600", "mode-keys.json 600",
        ]);
        var log = await File.ReadAllTextAsync(_folder.File("log.txt"));
        var admin = (await File.ReadAllTextAsync(_folder.File("keys/admin.key"))).Trim();
        log.ShouldContain($"Log in at http://10.73.73.1:4380/login with {admin}");
        log.ShouldContain("OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20" + (await File.ReadAllTextAsync(_folder.File("keys/sender.key"))).Trim());
        log.ShouldContain("At 10.73.73.1:4380 may read: whoever has a key");

        (await RunAsync()).ShouldBe(first);
        (await File.ReadAllTextAsync(_folder.File("log.txt"))).ShouldNotContain(admin, customMessage: "the keys are there already");
    }

    private async Task<string[]> RunAsync()
    {
        using var process = Process.Start(new ProcessStartInfo(
            "unshare", ["--net", "bash", "-c", Script, "bash", CollectorProcess.Binary, _folder.Path, CollectorProcess.KeepsForYears])
        {
            RedirectStandardOutput = true,
        })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private sealed class NetworkFactAttribute : FactAttribute
    {
        public NetworkFactAttribute() => Skip = CanMakeOne() ? null : "no network can be made here (unshare, ip and curl as root)";

        private static bool CanMakeOne()
        {
            if (!OperatingSystem.IsLinux())
            {
                return false;
            }

            using var trial = Process.Start(new ProcessStartInfo("sh", ["-c", "command -v curl >/dev/null && unshare --net ip addr add 10.73.73.1/32 dev lo"]) { RedirectStandardError = true });
            trial!.WaitForExit();
            return trial.ExitCode == 0;
        }
    }
}
