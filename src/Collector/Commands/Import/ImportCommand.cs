using System.CommandLine;
using System.Globalization;
using Collector.Hosting;

namespace Collector.Commands.Import;

/// <summary><c>collector import</c>: what other tools print or keep in files, into a running Collector.</summary>
internal static class ImportCommand
{
    private const string StandardInput = "-";

    public static Command Create(CommandRunner runner)
    {
        var command = new ExampleCommand("import",
            "Sends what other tools print or keep in files to a running Collector. With --format tail these are the tail items of "
            + "Workers, as wrangler tail --format json prints them, a line each, or in arrays. What is no item is named with its line, and "
            + "costs only itself.",
            "npx wrangler tail my-worker --format json | collector import --format tail",
            "collector import --format tail yesterday.json today.json --http http://logs:4318");
        var files = new Argument<string[]>("FILE")
        {
            Description = "Files to read; none, or -, is standard input.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var format = new Option<string>("--format") { Description = "What the input is: tail.", HelpName = "FORMAT", Required = true };
        format.AcceptOnlyFromAmong("tail");
        var http = ApiAddress.UrlOption("--http", "Where it goes. Default: the setting Listen:Http.");
        command.Arguments.Add(files);
        command.Options.Add(format);
        command.Options.Add(http);
        var keyFile = ApiAccess.KeyFileOption("send", $"the first of Ingest:Keys, else {ApiAccess.Variable}, else the one that Collector made");
        command.Options.Add(keyFile);
        runner.Runs(command, (parsed, context, cancellation) =>
            RunAsync(context, parsed.GetValue(files) ?? [], parsed.GetValue(http), parsed.GetValue(keyFile), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, string[] files, Uri? http, string? keyFile, CancellationToken cancellation)
    {
        var faults = 0L;
        var name = "";
        void Say(string text) => context.Errors.WriteLine("collector import: " + text);
        void Complain(long line, string fault)
        {
            faults++;
            Say(string.Create(CultureInfo.InvariantCulture, $"{name} line {line}: {fault}"));
        }

        using var sender = new TailSender(
            http ?? ApiAddress.Local(context, context.Options.Listen.Http, "--http"),
            ApiAccess.SendingKey(context, keyFile), OwnTrust.NewHandler(context), context.Clock, Complain, Say);
        try
        {
            foreach (var file in files.Length == 0 ? [StandardInput] : files)
            {
                name = file == StandardInput ? "standard input" : file;
                await using var input = file == StandardInput ? Console.OpenStandardInput() : File.OpenRead(file);
                await new TailImport(sender, context.Clock, Complain).RunAsync(input, cancellation);
            }
        }
        finally
        {
            // Also when it ends early: what is stored need not be sent again.
            context.Output.Text.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{sender.Stored} items stored{(faults == 0 ? "" : $", {faults} not (named above)")}"));
        }

        return faults == 0 ? ExitCode.Ok : ExitCode.Failed;
    }
}
