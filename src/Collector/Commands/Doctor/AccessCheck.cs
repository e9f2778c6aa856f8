using Collector.Access;
using Collector.Hosting;

namespace Collector.Commands.Doctor;

/// <summary>Who may send, and who may read, with these settings and keys.</summary>
internal static class AccessCheck
{
    private const string Topic = "access";

    public static IEnumerable<Finding> Run(CommandContext context)
    {
        var (options, listen) = (context.Options, context.Options.Listen);
        IReadOnlyList<KeyEntry> kept = [];
        string? fault = null;
        try
        {
            kept = KeysFile.Read(KeysFile.FolderIn(options.Storage.Path));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            fault = error.Message;
        }

        if (fault is not null)
        {
            yield return Finding.Fail(Topic, $"{fault}");
        }

        var plain = options.Ingest.Keys.Select(static key => new KeyEntry { Name = key, Rights = Rights.Send });
        KeyEntry[] keys = [.. options.Auth.Keys, .. kept, .. plain];
        yield return Who("send to Listen:Grpc and Listen:Http", Rights.Send, Doors.IsSendingLocal(listen), keys, context);
        yield return Who("read at Listen:Web", Rights.Read, Doors.IsReadingLocal(listen), keys, context);
    }

    private static Finding Who(string what, Rights right, bool isLocal, KeyEntry[] keys, CommandContext context)
    {
        var holders = keys.Where(key => key.Rights.Allow(right)).ToArray();
        var now = context.Clock.GetUtcNow();
        return holders.Length > 0 && holders.All(key => key.Expires <= now) ? Finding.Warn(Topic, $"nobody may {what}: all keys with the right have expired")
            : holders.Length > 0 ? Finding.Ok(Topic, $"whoever has one of {holders.Length} keys may {what}")
            : isLocal ? Finding.Ok(Topic, $"anybody on this machine may {what}")
            : Finding.Warn(Topic, $"other machines reach it, and no key may {what}: one is made at the start and shown once in the log");
    }
}
