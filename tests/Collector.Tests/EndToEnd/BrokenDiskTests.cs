using Collector.Tests.Support;
using Xunit.Abstractions;

namespace Collector.Tests.EndToEnd;

public sealed class BrokenDiskTests(ITestOutputHelper output) : IDisposable
{
    private const int Padding = 60_000;

    private readonly Producer _producer = new();

    [Fact]
    public async Task A_full_disk_refuses_with_a_retry_and_loses_nothing_and_takes_more_when_there_is_room()
    {
        await using var disk = await SmallDisk.TryMountAsync(megabytes: 12);
        if (disk is null)
        {
            output.WriteLine("Not tested: a small file system can't be mounted here.");
            return;
        }

        var filler = Path.Combine(disk.Path, "filler");
        await File.WriteAllBytesAsync(filler, new byte[6 << 20]);
        var acknowledged = new List<int>();
        await using (var collector = await CollectorProcess.StartOnAsync(disk.Path, "--Retry:BaseDelay=00:00:00.005"))
        {
            var refused = new List<int>();
            for (var number = 0; refused.Count < 10; number++)
            {
                number.ShouldBeLessThan(300, "the disk never became full");
                var reply = (await _producer.SendAsync(collector, number, Padding)).ShouldNotBeNull(collector.Log);
                (reply.Status == 0 || Producer.SaysRetry(reply)).ShouldBeTrue($"{reply.Status} {reply.Message}");
                (reply.Status == 0 ? acknowledged : refused).Add(number);
            }

            acknowledged.ShouldNotBeEmpty();
            (await collector.LedgerAsync()).Refused.ShouldBe(10);

            // Room comes back.
            File.Delete(filler);
            foreach (var number in refused)
            {
                await Eventually.IsSoAsync(() => _producer.IsAcknowledgedAsync(collector, number, Padding), () => collector.Log);
                acknowledged.Add(number);
            }

            var total = await collector.SettledAsync();
            total.Stored.ShouldBe(acknowledged.Count, collector.Log);
            total.Dropped.ShouldBe(0);
            await collector.KillAsync();
        }

        await using var again = await CollectorProcess.StartOnAsync(disk.Path);
        await again.SettledAsync();
        (await again.MessagesAsync("producer")).ShouldBe(acknowledged.Order().SelectMany(_producer.Messages));
    }

    [Fact]
    public async Task A_hot_file_without_its_first_page_is_set_aside_by_name_and_its_rows_are_saved()
    {
        using var folder = new TemporaryFolder();
        await using (var collector = await CollectorProcess.StartOnAsync(folder.Path))
        {
            (await _producer.IsAcknowledgedAsync(collector, 1)).ShouldBeTrue();
            (await collector.TerminateAsync()).ShouldBe(0);
        }

        var file = Directory.GetFiles(folder.Path, "segment-*.db").Single();
        await using (var stream = File.OpenWrite(file))
        {
            stream.Write(new byte[4_000]);
        }

        await using var again = await CollectorProcess.StartOnAsync(folder.Path);
        again.Log.ShouldContain(Path.GetFileName(file));
        again.Log.ShouldContain("damaged");
        Directory.GetFiles(folder.Path, $"{Path.GetFileName(file)}.*.damaged").ShouldHaveSingleItem();
        (await _producer.IsAcknowledgedAsync(again, 2)).ShouldBeTrue();
        (await again.MessagesAsync("producer")).ShouldBe([.. _producer.Messages(1), .. _producer.Messages(2)], "its tables are where those of a new one are");
    }

    public void Dispose() => _producer.Dispose();
}
