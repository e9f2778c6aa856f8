using Collector.Storage.Folder;

namespace Collector.Commands;

/// <summary>What a backup holds, in a line.</summary>
internal static class BackupText
{
    public static string Of(BackupManifest manifest)
    {
        var segments = manifest.Files.Where(static file => file.Kind is FolderBackup.Sealed or FolderBackup.Unsealed).ToArray();
        var linked = segments.Count(static file => file.Linked);
        var others = manifest.Files.Count - segments.Length;
        return FormattableString.Invariant(
            $"{segments.Length} segments{(linked > 0 ? $" ({linked} not copied but linked)" : "")} with {segments.Sum(static file => file.Rows)} rows, ")
            + FormattableString.Invariant($"{others} other files, {ByteText.Of(manifest.Files.Sum(static file => file.Bytes))}");
    }
}
