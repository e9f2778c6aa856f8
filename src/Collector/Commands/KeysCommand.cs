using System.CommandLine;
using System.Globalization;
using Collector.Access;
using Collector.Hosting;
using Collector.Storage;

namespace Collector.Commands;

/// <summary>
/// <c>collector keys</c>: makes, shows and takes back keys of the data folder's keys file. A Collector that runs on it takes
/// the change up within a second.
/// </summary>
internal static class KeysCommand
{
    public static Command Create(CommandRunner runner)
    {
        var command = new Command("keys", "Makes, shows and takes back the keys of the data folder (--Storage:Path); a running Collector takes changes up by itself.");
        command.Subcommands.Add(CreateNew(runner));
        command.Subcommands.Add(CreateList(runner));
        command.Subcommands.Add(CreateRemove(runner));
        return command;
    }

    private static ExampleCommand CreateNew(CommandRunner runner)
    {
        var command = new ExampleCommand("new",
            "Makes a key and prints it, once: only its hash is kept. To rotate a key, make a second one, give it to whoever has the "
            + "first, and remove that.",
            "collector keys new --name shop --rights send --services 'shop-*'",
            "collector keys new --name oncall --rights read --expires 2027-01-31",
            "collector keys new --name ci --rights send --rows-per-second 1000 > key.txt");
        var name = NameOption();
        var rights = new Option<string>("--rights") { Description = $"What it opens: {RightNames.Legal}, with commas.", HelpName = "RIGHTS", Required = true };
        var services = new Option<string[]>("--services")
        {
            Description = "The services that it may send for, with * for any text. Default: all.",
            HelpName = "NAMES",
            AllowMultipleArgumentsPerToken = true,
        };
        var rows = new Option<long>("--rows-per-second") { Description = "Rows a second that it may send on average. Default: any number.", HelpName = "N" };
        var bytes = new Option<long>("--bytes-per-second") { Description = "Bytes a second, decompressed. Default: any number.", HelpName = "N" };
        var expires = new Option<DateTimeOffset?>("--expires") { Description = "From then on it is refused. Default: never.", HelpName = "TIME" };
        foreach (var option in new Option[] { name, rights, services, rows, bytes, expires })
        {
            command.Options.Add(option);
        }

        runner.Runs(command, (parsed, context, _) => Task.FromResult(Make(context, new KeyEntry
        {
            Name = parsed.GetRequiredValue(name),
            Rights = RightNames.TryParse(parsed.GetRequiredValue(rights), out var granted) ? granted : Rights.None,
            Services = [.. (parsed.GetValue(services) ?? []).SelectMany(static text => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))],
            RowsPerSecond = parsed.GetValue(rows),
            BytesPerSecond = parsed.GetValue(bytes),
            Expires = parsed.GetValue(expires)?.ToUniversalTime(),
        })));
        return command;
    }

    private static ExampleCommand CreateList(CommandRunner runner)
    {
        var command = new ExampleCommand("list",
            "Shows the keys of the keys file and the settings, without their secrets. How often each was used: /api/status, and the "
            + "Health page.",
            "collector keys list");
        runner.Runs(command, (_, context, _) => Task.FromResult(List(context)));
        return command;
    }

    private static ExampleCommand CreateRemove(CommandRunner runner)
    {
        var command = new ExampleCommand("remove", "Takes a key back: whoever has it is refused, and logins with it end.", "collector keys remove --name shop");
        var name = NameOption();
        command.Options.Add(name);
        runner.Runs(command, (parsed, context, _) => Task.FromResult(Remove(context, parsed.GetRequiredValue(name))));
        return command;
    }

    private static Option<string> NameOption() => new("--name")
    {
        Description = $"What the key is called: 1 to {KeyEntry.MaxNameLength} letters, digits, '.', '-' and '_'.",
        HelpName = "NAME",
        Required = true,
    };

    private static int Make(CommandContext context, KeyEntry wanted)
    {
        var secret = KeyHash.NewKey();
        var entry = wanted with { Sha256 = Convert.ToHexStringLower(KeyHash.Of(secret)) };
        if (entry.Mistake() is { } mistake)
        {
            throw new UsageException(mistake + ".");
        }

        var folder = KeysFile.FolderIn(context.Options.Storage.Path);
        var keys = Read(folder);
        if (keys.Any(key => key.Name.Equals(entry.Name, StringComparison.OrdinalIgnoreCase)))
        {
            throw new UsageException($"--name: '{entry.Name}' is taken; give another, or remove it first.");
        }

        PrivateFiles.LeaveOthersNothing();
        KeysFile.Write(folder, [.. keys, entry]);
        context.Output.Text.WriteLine(secret);
        context.Errors.WriteLine(
            $"This is the only time that the key '{entry.Name}' is shown. Whoever has it may {entry.Rights.ToText()}; {KeysFile.PathIn(folder)} keeps its hash.");
        return ExitCode.Ok;
    }

    private static int List(CommandContext context)
    {
        var now = context.Clock.GetUtcNow();
        var folder = KeysFile.FolderIn(context.Options.Storage.Path);
        var rows = context.Options.Auth.Keys.Select((key, i) => (Key: key, From: $"Auth:Keys:{i}"))
            .Concat(Read(folder).Select(key => (Key: key, From: KeysFile.PathIn(folder))))
            .Select(row => new[]
            {
                row.Key.Name, row.Key.Rights.ToText(), row.Key.IsForAllServices ? "all" : string.Join(",", row.Key.Services),
                row.Key.Expires is { } end ? end.ToString(end <= now ? "'expired' yyyy-MM-dd" : "yyyy-MM-dd", CultureInfo.InvariantCulture) : "never",
                row.From,
            })
            .Concat(context.Options.Ingest.Keys.Select(static (_, i) => new[] { $"Ingest.Keys.{i}", "send", "all", "never", "Ingest:Keys" }))
            .Prepend(["NAME", "RIGHTS", "SERVICES", "EXPIRES", "FROM"])
            .ToArray();
        var widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in rows)
        {
            context.Output.Text.WriteLine(VisibleText.Of(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd()));
        }

        return ExitCode.Ok;
    }

    private static int Remove(CommandContext context, string name)
    {
        var folder = KeysFile.FolderIn(context.Options.Storage.Path);
        var keys = Read(folder);
        var removed = keys.FirstOrDefault(key => key.Name == name);
        if (removed is null)
        {
            context.Errors.WriteLine($"collector keys remove: {KeysFile.PathIn(folder)} holds no key '{name}'; it holds {string.Join(", ", keys.Select(static key => key.Name))}");
            return ExitCode.NotFound;
        }

        PrivateFiles.LeaveOthersNothing();
        KeysFile.Write(folder, [.. keys.Where(key => key != removed)]);
        if (removed.KeyFile is { } file && !Path.IsPathRooted(file))
        {
            File.Delete(Path.Combine(folder, file));
        }

        return ExitCode.Ok;
    }

    private static IReadOnlyList<KeyEntry> Read(string folder)
    {
        try
        {
            return KeysFile.Read(folder);
        }
        catch (InvalidDataException error)
        {
            throw new IOException(error.Message, error);
        }
    }
}
