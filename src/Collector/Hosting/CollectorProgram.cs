using System.Net.Sockets;
using System.Runtime.InteropServices;
using Collector.Storage;
using Collector.Storage.Folder;
using Collector.Storage.Sqlite;
using Collector.Storage.Sqlite.Segments;
using Collector.Storage.Sqlite.Spool;

namespace Collector.Hosting;

/// <summary>From the options to an exit code: start, run until told to stop, stop.</summary>
internal static partial class CollectorProgram
{
    public static async Task<int> ServeAsync(CollectorOptions options)
    {
        using var logs = LoggerFactory.Create(log => log
            .AddFilter("Microsoft", LogLevel.Warning)
            .AddFilter("Grpc", LogLevel.Warning)
            .AddSimpleConsole(console =>
            {
                console.SingleLine = true;
                console.UseUtcTimestamp = true;
                console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
            }));
        var log = logs.CreateLogger("Collector");
        if (FolderRestore.IsUnfinished(options.Storage.Path))
        {
            CannotStart(log, $"a restore into {options.Storage.Path} was begun and not finished; run collector restore again");
            return ExitCode.Failed;
        }

        PrivateFiles.LeaveOthersNothing();
        var opening = SqliteStore.Open(StoreOptions(options), () => BytesIn(options.Spool.Path), logs.CreateLogger<SqliteStore>(), TimeProvider.System);
        if (!opening.Succeeded)
        {
            CannotStart(log, opening.Error);
            return opening.Problem == StoreProblem.Locked ? ExitCode.StoreInUse : ExitCode.Failed;
        }

        KeepPrivate(log, options);
        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var hurry = new CancellationTokenSource();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        Host host;
        try
        {
            var spool = SqliteSpool.Open(
                options.Spool.Path, options.Spool.MaxBytes, options.Retention.MaxAge, TimeProvider.System, logs.CreateLogger<SqliteSpool>());
            host = new Host(options, opening.Store, spool, TimeProvider.System, logs);
        }
        catch (Exception error) when (IsEnvironmentError(error))
        {
            CannotStart(log, error.Message);
            opening.Store.Dispose();
            return error is SpoolInUseException ? ExitCode.StoreInUse : ExitCode.Failed;
        }

        await using (host)
        {
            try
            {
                await host.StartAsync(CancellationToken.None);
            }
            catch (Exception error) when (IsEnvironmentError(error))
            {
                CannotStart(log, error.Message);
                await host.StopAsync(hurry.Token);
                return ExitCode.Failed;
            }

            await stop.Task;
            return await host.StopAsync(hurry.Token) ? ExitCode.Ok : ExitCode.RowsLost;
        }

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            if (!stop.TrySetResult())
            {
                hurry.Cancel();
            }
        }
    }

    // Files of an earlier version, or that a person copied, have the rights of a usual umask.
    private static void KeepPrivate(ILogger log, CollectorOptions options)
    {
        var done = PrivateFiles.Tighten(options.Storage.Path) + PrivateFiles.Tighten(options.Spool.Path);
        if (done.Changed > 0)
        {
            MadePrivate(log, done.Changed, options.Storage.Path);
        }

        if (done.Left > 0)
        {
            NotMadePrivate(log, done.Left, options.Storage.Path, done.Error);
        }
    }

    // A port that is taken or needs rights, a folder that can't be used, a store or a file of keys that can't be read.
    private static bool IsEnvironmentError(Exception error) =>
        error is IOException or UnauthorizedAccessException or SocketException or StoreUnavailableException or InvalidDataException;

    private static SqliteStoreOptions StoreOptions(CollectorOptions options) => new()
    {
        Path = options.Storage.Path,
        SegmentRows = options.Storage.SegmentRows,
        SegmentBytes = options.Storage.SegmentBytes,
        TextIndex = options.Storage.TextIndex,
        Retention = options.Retention,
    };

    private static long BytesIn(string folder) =>
        Directory.Exists(folder) ? SegmentFile.SizeOfAll(folder) : 0;

    [LoggerMessage(Level = LogLevel.Warning, Message = "Other users of this machine could read or write {Count} files and folders of {Path}; now only their owner can")]
    private static partial void MadePrivate(ILogger log, int count, string path);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Other users of this machine may read or write {Count} files and folders of {Path}, and their rights can't be changed: {Error}")]
    private static partial void NotMadePrivate(ILogger log, int count, string path, string? error);

    [LoggerMessage(Level = LogLevel.Critical, Message = "Collector can't start: {Reason}")]
    private static partial void CannotStart(ILogger log, string? reason);
}
