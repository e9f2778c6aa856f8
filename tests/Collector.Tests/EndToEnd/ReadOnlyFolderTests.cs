using System.Diagnostics;
using Collector.Tests.Support;
using Xunit.Abstractions;

namespace Collector.Tests.EndToEnd;

public sealed class ReadOnlyFolderTests(ITestOutputHelper output) : IDisposable
{
    private readonly Producer _producer = new();

    [Fact]
    public async Task A_folder_made_read_only_keeps_taking_what_it_can_refuses_the_rest_and_loses_nothing()
    {
        await using var collector = await CollectorProcess.StartAsync("--Retry:BaseDelay=00:00:00.005");
        var spool = Path.Combine(collector.Folder, "spool");
        (await _producer.IsAcknowledgedAsync(collector, 1)).ShouldBeTrue();
        if (!await ChangeAttributesAsync("+i", collector.Folder) || !await ChangeAttributesAsync("+i", spool))
        {
            await ChangeAttributesAsync("-i", collector.Folder);
            output.WriteLine("Not tested: folders can't be made immutable here.");
            return;
        }

        try
        {
            // The hot file is open already.
            (await _producer.IsAcknowledgedAsync(collector, 2)).ShouldBeTrue();

            // The spool's file is open too.
            using (await DatabaseLock.TakeAsync(collector.Folder))
            {
                (await _producer.IsAcknowledgedAsync(collector, 3)).ShouldBeTrue(collector.Log);
            }
        }
        finally
        {
            await ChangeAttributesAsync("-i", collector.Folder);
            await ChangeAttributesAsync("-i", spool);
        }

        await Eventually.IsSoAsync(() => _producer.IsAcknowledgedAsync(collector, 3), () => collector.Log);
        var total = await collector.SettledAsync();
        total.Stored.ShouldBe(3);
        total.Dropped.ShouldBe(0);
        (await collector.MessagesAsync("producer")).ShouldBe(new[] { 1, 2, 3 }.SelectMany(_producer.Messages));
    }

    public void Dispose() => _producer.Dispose();

    private static async Task<bool> ChangeAttributesAsync(string change, string path)
    {
        try
        {
            var start = new ProcessStartInfo("chattr", [change, path]) { RedirectStandardError = true };
            using var chattr = Process.Start(start)!;
            await chattr.WaitForExitAsync();
            return chattr.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
