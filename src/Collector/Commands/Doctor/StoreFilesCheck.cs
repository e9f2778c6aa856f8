using Collector.Storage.Folder;

namespace Collector.Commands.Doctor;

/// <summary>Every page of every file of a data folder or a backup, for <c>doctor --store</c>.</summary>
internal static class StoreFilesCheck
{
    /// <exception cref="IOException">There is no such folder, or nothing of Collector's in it.</exception>
    public static IEnumerable<Finding> Run(string folder, string spool, CancellationToken cancellation)
    {
        if (BackupCheck.IsBackup(folder))
        {
            var backup = new BackupCheck(folder);
            var wrong = backup.Run(cancellation).Select(ToFinding).ToArray();
            return
            [
                .. wrong,
                .. wrong.Length > 0 ? Array.Empty<Finding>() : [Finding.Ok("backup", $"{backup.Manifest.Files.Count} files are as they were written; begun {backup.Manifest.BegunAt}")],
                .. backup.Manifest.Remarks.Where(static remark => remark.IsLoss).Select(static remark => Finding.Warn("backup", $"{remark.Name} {remark.Text}")),
                .. new FolderCheck(folder, spool).Run(cancellation).Select(ToFinding),
            ];
        }

        _ = SegmentSource.In(folder);
        return new FolderCheck(folder, spool).Run(cancellation).Select(ToFinding);
    }

    private static Finding ToFinding(FileReport report) => report.State switch
    {
        FileState.Whole => Finding.Ok("file", $"{report.Name}: {report.Text}"),
        FileState.Noted => Finding.Warn("file", $"{report.Name} {report.Text}"),
        _ => Finding.Fail("file", $"{report.Name} {report.Text}"),
    };
}
