using System.CommandLine;
using Collector.Hosting;
using Collector.Model;

namespace Collector.Commands;

/// <summary><c>collector send-test</c>: one record over each protocol, and each of them read back.</summary>
internal static class SendTestCommand
{
    // Spooled records appear a moment later; records that have not appeared after these looks are missing.
    private const int MaxLooks = 50;
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(100);

    public static Command Create(CommandRunner runner)
    {
        var command = new ExampleCommand("send-test",
            $"Sends one record over each protocol (worker {TestRecord.Worker}) and reads all of them back. "
            + "The key to send with is the first of Ingest:Keys, else the one that Collector made.",
            "collector send-test",
            "collector send-test --grpc http://logs:4317 --http http://logs:4318 --url http://logs:4380");
        var grpc = AddressOption(command, "--grpc", "Where gRPC goes. Default: the setting Listen:Grpc.");
        var http = AddressOption(command, "--http", "Where HTTP goes. Default: the setting Listen:Http.");
        var api = new ApiAccess(command);
        runner.Runs(command, async (parsed, context, cancellation) =>
        {
            using var client = api.Open(parsed, context);
            using var sender = new TestSender(
                parsed.GetValue(grpc) ?? ApiAddress.Local(context, context.Options.Listen.Grpc, "--grpc"),
                parsed.GetValue(http) ?? ApiAddress.Local(context, context.Options.Listen.Http, "--http"),
                ApiAccess.SendingKey(context, file: null),
                OwnTrust.NewHandler(context));
            return await RunAsync(context, client, sender, cancellation);
        });
        return command;
    }

    private static Option<Uri?> AddressOption(Command command, string name, string description)
    {
        var option = ApiAddress.UrlOption(name, description);
        command.Options.Add(option);
        return option;
    }

    private static async Task<int> RunAsync(
        CommandContext context, ApiClient client, TestSender sender, CancellationToken cancellation)
    {
        var id = "send-test-" + Guid.CreateVersion7(context.Clock.GetUtcNow());
        var sent = 0;
        foreach (var (protocol, address, sendAsync) in sender.Ways)
        {
            var since = context.Clock.GetTimestamp();
            var now = Timestamps.ToNanos(context.Clock.GetUtcNow());
            var fault = await sendAsync(new TestRecord($"A test over {protocol}", id, now), cancellation);
            var took = LogText.Duration(context.Clock.GetElapsedTime(since).TotalMilliseconds);
            sent += fault is null ? 1 : 0;
            var told = fault is null ? "acknowledged in " + took : VisibleText.Of(fault);
            var mark = Mark(context, fault is null);
            context.Output.Text.WriteLine($"{mark}  {protocol,-18}  {address.Authority,-21}  {told}");
        }

        await context.Output.Text.FlushAsync(cancellation);
        var found = await ReadBackAsync(context, client, id, sent, cancellation);
        var isWhole = Mark(context, found == sent);
        context.Output.Text.WriteLine($"{isWhole}  {"read back",-18}  {found} of {sent}: collector trace {id}");
        return sent == sender.Ways.Count && found == sent ? ExitCode.Ok : ExitCode.Failed;
    }

    private static async Task<int> ReadBackAsync(
        CommandContext context, ApiClient client, string id, int sent, CancellationToken cancellation)
    {
        var found = 0;
        using var pause = new PeriodicTimer(_pause, context.Clock);
        for (var look = 0; look < MaxLooks && sent > 0; look++)
        {
            var answer = await client.FindAsync("/api/correlations/" + id, cancellation);
            found = answer?.Items("logs").Count() ?? 0;
            if (found >= sent)
            {
                break;
            }

            await pause.WaitForNextTickAsync(cancellation);
        }

        return found;
    }

    private static string Mark(CommandContext context, bool isGood) =>
        isGood ? context.Output.Ansi.Green("ok  ") : context.Output.Ansi.Red("FAIL");
}
