using System.CommandLine;
using Collector.Access;
using Collector.Hosting;

namespace Collector.Commands;

/// <summary><c>collector login</c>: saves the key for a Collector, so that other commands need not be told it.</summary>
internal static class LoginCommand
{
    public static Command Create(CommandRunner runner)
    {
        var command = new ExampleCommand("login",
            "Asks for a key, or reads it from standard input or --key-file, tries it, and saves it for other commands that ask the "
            + $"same Collector (in {Profiles.Path}, for you alone). --forget removes it.",
            "collector login --url https://logs.example.com",
            "collector login --url http://logs:4380 < key.txt",
            "collector login --url http://logs:4380 --forget");
        var url = ApiAddress.Option(command);
        var file = ApiAccess.KeyFileOption();
        var forget = new Option<bool>("--forget") { Description = "Removes the saved key of this Collector." };
        command.Options.Add(file);
        command.Options.Add(forget);
        runner.Runs(command, async (parsed, context, cancellation) =>
        {
            var address = ApiAddress.Of(context, parsed.GetValue(url));
            if (parsed.GetValue(forget))
            {
                Profiles.Save(address, key: null);
                return ExitCode.Ok;
            }

            return await RunAsync(context, address, ReadKey(context, parsed.GetValue(file)), cancellation);
        });
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, Uri address, string key, CancellationToken cancellation)
    {
        using var client = new ApiClient(address, key, OwnTrust.NewHandler(context));
        await client.GetAsync("/api/status", cancellation);
        Profiles.Save(address, key);
        context.Output.Text.WriteLine($"{address.GetLeftPart(UriPartial.Authority)} takes the key; it is saved in {Profiles.Path}");
        return ExitCode.Ok;
    }

    private static string ReadKey(CommandContext context, string? file)
    {
        var text = file is not null ? File.ReadAllText(file)
            : Console.IsInputRedirected ? Console.In.ReadToEnd()
            : Ask(context);
        return text.Trim() is { Length: > 0 and <= KeyHash.MaxKeyLength } key
            ? key
            : throw new UsageException($"There is no key; legal are 1 to {KeyHash.MaxKeyLength} characters.");
    }

    // Not echoed, so that it stays out of what the terminal keeps.
    private static string Ask(CommandContext context)
    {
        context.Errors.Write("Key: ");
        var typed = new System.Text.StringBuilder();
        for (var pressed = Console.ReadKey(intercept: true); pressed.Key != ConsoleKey.Enter && typed.Length <= KeyHash.MaxKeyLength; pressed = Console.ReadKey(intercept: true))
        {
            if (pressed.Key != ConsoleKey.Backspace)
            {
                typed.Append(pressed.KeyChar);
            }
            else if (typed.Length > 0)
            {
                typed.Length--;
            }
        }

        context.Errors.WriteLine();
        return typed.ToString();
    }
}
