using System.Collections;
using Collector.Hosting;
using Collector.Pipeline.Queue;
using Collector.Receive.Request;
using Collector.Tests.Support;
using Microsoft.Extensions.Configuration;

namespace Collector.Tests.Hosting;

public sealed class SettingsTests
{
    [Fact]
    public void Defaults_are_those_of_the_design()
    {
        var (options, mistakes) = Load();

        mistakes.ShouldBeEmpty();
        options.Listen.Grpc.ToString().ShouldBe("127.0.0.1:4317");
        options.Listen.Http.ToString().ShouldBe("127.0.0.1:4318");
        options.Listen.Web.ToString().ShouldBe("127.0.0.1:4380");
        options.Listen.WebHosts.ShouldBeEmpty();
        options.Ingest.Acknowledge.ShouldBe(Acknowledge.Stored);
        options.Ingest.Keys.ShouldBeEmpty();
        options.Ingest.MaxRequestBytes.ShouldBe(64 << 20);
        options.Ingest.MaxRowBytes.ShouldBe(1 << 20);
        options.Ingest.RetryWindow.ShouldBe(TimeSpan.FromMinutes(10));
        options.Queue.Capacity.ShouldBe(1000);
        options.Queue.MaxBytes.ShouldBe(128 << 20);
        options.Queue.WhenFull.ShouldBe(WhenFull.DropOldest);
        options.Batch.MaxRows.ShouldBe(100);
        options.Batch.MaxDelay.ShouldBe(TimeSpan.FromSeconds(5));
        options.Batch.AckLinger.ShouldBe(TimeSpan.FromMilliseconds(5));
        options.Retry.Attempts.ShouldBe(3);
        options.Retry.BaseDelay.ShouldBe(TimeSpan.FromMilliseconds(100));
        options.Spool.Path.ShouldBe("data/spool");
        options.Spool.MaxBytes.ShouldBe(1 << 30);
        options.Storage.Path.ShouldBe("data");
        options.Storage.SegmentRows.ShouldBe(1_000_000);
        options.Storage.SegmentBytes.ShouldBe(1 << 30);
        options.Storage.TextIndex.ShouldBeTrue();
        options.Retention.MaxAge.ShouldBe(TimeSpan.FromDays(7));
        options.Retention.MaxBytes.ShouldBe(0);
        options.Query.Timeout.ShouldBe(TimeSpan.FromSeconds(10));
        options.Telemetry.OtlpEndpoint.ShouldBeNull();
        options.Telemetry.Protocol.ShouldBe(TelemetryProtocol.Grpc);
        options.Shutdown.Deadline.ShouldBe(TimeSpan.FromSeconds(8));
    }

    [Theory]
    [InlineData(null, "/x", "/x/spool")]
    [InlineData("", "/x", "/x/spool")]
    [InlineData("/y", "/x", "/y")]
    public void The_spool_lies_in_the_data_folder_unless_it_is_put_elsewhere(string? spool, string storage, string expected)
    {
        (string, string)[] settings = spool is null ? [] : [("Spool:Path", spool)];

        var (options, mistakes) = Load([("Storage:Path", storage), .. settings]);

        mistakes.ShouldBeEmpty();
        options.Spool.Path.ShouldBe(expected);
    }

    [Fact]
    public void The_sample_file_names_every_setting_with_its_default()
    {
        var sample = new ConfigurationBuilder().AddJsonFile(Repository.PathOf("config", "collector.json")).Build();

        var (options, mistakes) = Settings.Load(sample);

        mistakes.ShouldBeEmpty();
        Flatten(options).ShouldBe(Flatten(new CollectorOptions()));
        sample.AsEnumerable().Where(pair => pair.Value is not null).Select(pair => pair.Key).Order()
            .ShouldBe(Flatten(new CollectorOptions()).Select(line => line.Split('=')[0]).Order());
    }

    [Fact]
    public void All_mistakes_are_reported_at_once_each_with_its_key_and_what_is_legal()
    {
        var (_, mistakes) = Load(
            ("Listen:Grpc", "localhost"),
            ("Listen:Web", "127.0.0.1"),
            ("Ingest:Acknowledge", "Maybe"),
            ("Ingest:Keys:0", "short"),
            ("Ingest:MaxRequestBytes", "64MB"),
            ("Ingest:RetryWindow", "10"),
            ("Queue:Capacity", "0"),
            ("Queue:WhenFull", "1"),
            ("Batch:AckLinger", "00:00:30"),
            ("Spool:Path", " "),
            ("Storage:Path", " "),
            ("Storage:Pth", "x"),
            ("Storage:TextIndex", "1"),
            ("Retention:MaxBytes", "1"),
            ("Telemetry:OtlpEndpoint", "monitor:4317"),
            ("Telemetry:Protocol", "Json"),
            ("Shutdown:Deadline", "-00:00:01"));

        string[] keys =
        [
            "Listen:Grpc", "Listen:Web", "Ingest:Acknowledge", "Ingest:Keys", "Ingest:MaxRequestBytes", "Ingest:RetryWindow",
            "Queue:Capacity", "Queue:WhenFull", "Spool:Path", "Storage:Path", "Storage:TextIndex", "Retention:MaxBytes",
            "Telemetry:OtlpEndpoint", "Telemetry:Protocol", "Shutdown:Deadline", "Storage:Pth", "Batch:AckLinger",
        ];
        mistakes.Select(mistake => mistake.Split(": ")[0]).ShouldBe(keys);
        mistakes.ShouldAllBe(mistake => mistake.Contains("legal"));
        string.Join('\n', mistakes).ShouldNotContain("short");
    }

    [Theory]
    [InlineData("http://127.0.0.1:4317", true)]
    [InlineData("https://monitor:4317", true)]
    [InlineData("ftp://monitor:4317", false)]
    [InlineData("/v1/metrics", false)]
    [InlineData("", true)]
    public void Metrics_go_to_an_http_URL(string endpoint, bool isLegal) =>
        Load(("Telemetry:OtlpEndpoint", endpoint)).Mistakes.Count.ShouldBe(isLegal ? 0 : 1);

    [Theory]
    [InlineData("0", 0)]
    [InlineData("none", long.MaxValue)]
    [InlineData("None", long.MaxValue)]
    [InlineData("16777216", 16 << 20)]
    public void The_quota_is_a_number_or_none_or_what_follows_from_the_disk(string text, long expected)
    {
        var (options, mistakes) = Load(("Retention:MaxBytes", text));

        mistakes.ShouldBeEmpty();
        options.Retention.MaxBytes.ShouldBe(expected);
    }

    [Fact]
    public void Of_the_environment_only_what_names_a_section_is_ours()
    {
        var variables = new Hashtable
        {
            ["COLLECTOR_Queue__Capacity"] = "7",
            ["COLLECTOR_Ingest__Keys__0"] = "first-key",
            ["COLLECTOR_PORT_4317_TCP"] = "tcp://10.0.0.1:4317",
            ["COLLECTOR_SERVICE_HOST"] = "10.0.0.1",
            ["PATH"] = "/bin",
        };

        ConfigurationSources.FromEnvironment(variables).Select(pair => $"{pair.Key}={pair.Value}").Order()
            .ShouldBe(["Ingest:Keys:0=first-key", "Queue:Capacity=7"]);
    }

    [Fact]
    public void Lists_come_as_arrays_or_as_one_text_with_commas()
    {
        Load(("Ingest:Keys:0", "first-key"), ("Ingest:Keys:1", "second-key")).Options.Ingest.Keys.ShouldBe(["first-key", "second-key"]);
        Load(("Ingest:Keys", "first-key, second-key")).Options.Ingest.Keys.ShouldBe(["first-key", "second-key"]);
    }

    private static (CollectorOptions Options, IReadOnlyList<string> Mistakes) Load(params (string Key, string Value)[] settings) =>
        Settings.Load(new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value)))
            .Build());

    private static List<string> Flatten(CollectorOptions options) =>
    [
        .. from section in typeof(CollectorOptions).GetProperties()
           let values = section.GetValue(options)
           from setting in section.PropertyType.GetProperties()
           let value = setting.GetValue(values)
           select $"{section.Name}:{setting.Name}={(value is IEnumerable<string> list ? string.Join(",", list) : value)}",
    ];
}
