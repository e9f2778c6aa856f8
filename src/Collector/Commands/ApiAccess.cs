using System.CommandLine;
using Collector.Access;

namespace Collector.Commands;

/// <summary>
/// Which Collector a command asks, and with which key: <c>--key-file</c>, else COLLECTOR_KEY, else what
/// <c>collector login</c> saved for the address, else, of the Collector that these settings start here, the key that it made.
/// </summary>
internal sealed class ApiAccess
{
    /// <summary>The environment variable that holds a key.</summary>
    public const string Variable = "COLLECTOR_KEY";

    private readonly Option<Uri?> _url;
    private readonly Option<string?> _keyFile;

    public ApiAccess(Command command)
    {
        _url = ApiAddress.Option(command);
        _keyFile = KeyFileOption();
        command.Options.Add(_keyFile);
    }

    /// <param name="use">What the key is for.</param>
    /// <param name="otherwise">Where one is looked for where no file is named.</param>
    public static Option<string?> KeyFileOption(string use = "ask", string otherwise = $"{Variable}, else what 'collector login' saved") => new("--key-file")
    {
        Description = $"A file with the key to {use} with. Default: {otherwise}.",
        HelpName = "FILE",
    };

    /// <summary>The key to send with; null where there is none.</summary>
    /// <exception cref="UsageException">The file holds no key.</exception>
    /// <exception cref="IOException">The file can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static string? SendingKey(CommandContext context, string? file) =>
        file is not null ? KeyIn(file)
        : context.Options.Ingest.Keys is [var key, ..] ? key
        : Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } variable ? variable.Trim()
        : MadeKey(context, MadeKeys.Sender);

    /// <exception cref="UsageException">The settings leave the port open, or the file holds no key.</exception>
    /// <exception cref="IOException">The key's file can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The key's file may not be read.</exception>
    public ApiClient Open(ParseResult parsed, CommandContext context)
    {
        var given = parsed.GetValue(_url);
        var address = ApiAddress.Of(context, given);
        return new ApiClient(address, KeyOf(context, address, isHere: given is null, parsed.GetValue(_keyFile)), OwnTrust.NewHandler(context));
    }

    /// <summary>The key to ask with; null where there is none.</summary>
    public static string? KeyOf(CommandContext context, Uri address, bool isHere, string? file) =>
        file is not null ? KeyIn(file)
        : Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } variable ? variable.Trim()
        : Profiles.Find(address) is { } saved ? saved
        : isHere ? MadeKey(context, MadeKeys.Admin)
        : null;

    /// <summary>A key that the Collector of these settings made; null where it made none, or it is another user's.</summary>
    public static string? MadeKey(CommandContext context, string name)
    {
        var path = MadeKeys.FileOf(KeysFile.FolderIn(context.Options.Storage.Path), name);
        try
        {
            return File.Exists(path) ? File.ReadAllText(path).Trim() : null;
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string KeyIn(string file) =>
        File.ReadAllText(file).Trim() is { Length: > 0 and <= KeyHash.MaxKeyLength } key
            ? key
            : throw new UsageException($"--key-file: {file} holds no key; legal are 1 to {KeyHash.MaxKeyLength} characters.");
}
