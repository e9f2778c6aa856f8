using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Collector.Commands.Doctor;
using Collector.Storage;
using Collector.Tests.Storage.Sqlite;
using Collector.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Collector.Tests.Commands;

public sealed class DoctorCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string[] Arguments =>
    [
        "doctor", "--Listen:Grpc=127.0.0.1:0", "--Listen:Http=127.0.0.1:0", "--Listen:Web=127.0.0.1:0",
        $"--Storage:Path={_folder.Path}", $"--Spool:Path={_folder.File("spool")}",
    ];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_healthy_machine_has_no_complaints_and_keeps_no_trace_of_the_visit()
    {
        var result = await CollectorCommand.RunAsync(Arguments);

        result.ExitCode.ShouldBe(0, result.Output);
        string[] topics = ["settings", "access", "ports", "handles", "data folder", "spool folder", "SQLite", "segments", "clock", "running"];
        Findings(result).Select(static finding => finding.Topic).Distinct().ShouldBe(topics);
        Findings(result).ShouldAllBe(static finding => finding.Verdict != "fail");
        result.Output.ShouldContain("fsync of 4 KiB: median ");
        Directory.GetFileSystemEntries(_folder.Path).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_running_Collector_is_asked_for_its_state_and_its_ledger()
    {
        await using var collector = await CollectorProcess.StartAsync();
        using var producer = new Producer();
        (await producer.IsAcknowledgedAsync(collector, 1)).ShouldBeTrue();

        var result = await CollectorCommand.RunAsync(
            "doctor", $"--Listen:Grpc={collector.Grpc}", $"--Listen:Http={collector.Http}", $"--Listen:Web={collector.Web}",
            $"--Storage:Path={collector.Folder}", $"--Spool:Path={collector.Folder}/spool");

        result.ExitCode.ShouldBe(0, result.Output);
        result.Output.ShouldContain("in use, and a Collector runs");
        result.Output.ShouldContain("balanced: 1 received; 1 stored");
        result.Output.ShouldContain("1 can be read, 1 rows");
    }

    [Fact]
    public async Task All_that_would_keep_a_Collector_from_starting_is_told_at_once()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        await File.WriteAllTextAsync(_folder.File("segment-000001.db"), new string('x', 4096));

        var result = await CollectorCommand.RunAsync([.. Arguments, $"--Listen:Grpc={other.LocalEndpoint}", "--Queue:Capacity=none"]);

        result.ExitCode.ShouldBe(1);
        var fails = Findings(result).Where(static finding => finding.Verdict == "fail").ToArray();
        fails.Select(static finding => finding.Topic).ShouldBe(["settings", "ports", "segments"]);
        fails[0].Text.ShouldStartWith("Queue:Capacity: 'none' is not legal");
        fails[1].Text.ShouldContain("another program has it");
        fails[2].Text.ShouldContain("segment-000001.db");
    }

    [Fact]
    public async Task A_Collector_that_was_named_and_is_not_there_is_a_fault()
    {
        var result = await CollectorCommand.RunAsync([.. Arguments, "--url", "http://127.0.0.1:1"]);

        result.ExitCode.ShouldBe(1);
        Findings(result).Single(static finding => finding.Verdict == "fail").Topic.ShouldBe("running");
    }

    [Fact]
    public async Task A_door_that_is_open_to_other_machines_without_keys_is_a_warning()
    {
        var open = await CollectorCommand.RunAsync([.. Arguments, "--Listen:Http=0.0.0.0:0"]);
        Findings(open).ShouldContain(static finding => finding.Verdict == "warn" && finding.Text.Contains("no key may send", StringComparison.Ordinal));

        var keyed = await CollectorCommand.RunAsync([.. Arguments, "--Listen:Http=0.0.0.0:0", "--Ingest:Keys=secret-key"]);
        Findings(keyed).ShouldAllBe(static finding => finding.Verdict == "ok");
    }

    [Fact]
    public void A_clock_behind_what_is_stored_is_a_fault()
    {
        using var open = new OpenStore();
        open.Append(new SomeRow());
        var noon = new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

        ClockOf(open, noon.AddMinutes(1)).Verdict.ShouldBe(Verdict.Ok);
        ClockOf(open, noon.AddMinutes(-2)).Verdict.ShouldBe(Verdict.Fail);
    }

    [Theory]
    [InlineData("""{"total":{"received":5,"stored":3,"duplicate":1,"dropped":0,"in_flight":1}}""", "Ok")]
    [InlineData("""{"total":{"received":5,"stored":3,"dropped":2}}""", "Ok", "Warn")]
    [InlineData("""{"total":{"received":5,"stored":3,"refused":2,"recovered":1}}""", "Ok", "Warn")]
    [InlineData("""{"total":{"received":5,"stored":3,"refused":2,"recovered":2}}""", "Ok")]
    [InlineData("""{"total":{"received":5,"stored":3}}""", "Fail")]
    public void A_ledger_that_does_not_balance_is_a_fault_and_a_loss_a_warning(string ledger, params string[] verdicts) =>
        InstanceCheck.Ledger(JsonDocument.Parse(ledger).RootElement).Select(static finding => $"{finding.Verdict}").ShouldBe(verdicts);

    [Fact]
    public async Task Few_file_handles_are_a_warning_that_says_how_to_raise_them()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        var result = await CollectorCommand.RunUnderAsync(["prlimit", "--nofile=400:400"], Arguments);

        var warning = Findings(result).Where(static finding => finding.Topic == "handles").ShouldHaveSingleItem();
        (warning.Verdict, warning.Text).ShouldBe(("warn", "only 400 open files are allowed here, and each connection is one: " + FileHandles.Advice));
    }

    private static Finding ClockOf(OpenStore open, DateTimeOffset now) =>
        new StoreCheck(open.Folder, new FakeTimeProvider(now)).Run().Single(static finding => finding.Topic == "clock");

    private static List<(string Verdict, string Topic, string Text)> Findings(CommandResult result) =>
    [
        .. result.Lines.Select(static line => JsonDocument.Parse(line).RootElement).Select(static finding => (
            finding.GetProperty("verdict").GetString()!, finding.GetProperty("topic").GetString()!, finding.GetProperty("text").GetString()!)),
    ];
}
