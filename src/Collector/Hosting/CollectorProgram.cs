using System.Net.Sockets;
using System.Runtime.InteropServices;
using Collector.Pipeline.Spool;
using Collector.Storage;
using Collector.Storage.Sqlite;
using Collector.Storage.Sqlite.Segments;

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
        var opening = SqliteStore.Open(StoreOptions(options), () => BytesIn(options.Spool.Path), logs.CreateLogger<SqliteStore>(), TimeProvider.System);
        if (!opening.Succeeded)
        {
            CannotStart(log, opening.Error);
            return opening.Problem == StoreProblem.Locked ? ExitCode.StoreInUse : ExitCode.Failed;
        }

        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var hurry = new CancellationTokenSource();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        Host host;
        try
        {
            var spool = SpoolFolder.Open(options.Spool, logs.CreateLogger<SpoolFolder>());
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

    // A port that is taken or needs rights, a folder that can't be used, a store that can't be read.
    private static bool IsEnvironmentError(Exception error) =>
        error is IOException or UnauthorizedAccessException or SocketException or StoreUnavailableException;

    private static SqliteStoreOptions StoreOptions(CollectorOptions options) => new()
    {
        Path = options.Storage.Path,
        SegmentRows = options.Storage.SegmentRows,
        SegmentBytes = options.Storage.SegmentBytes,
        TextIndex = options.Storage.TextIndex,
        Retention = options.Retention,
    };

    private static long BytesIn(string folder) =>
        Directory.Exists(folder) ? new DirectoryInfo(folder).EnumerateFiles().Sum(static file => file.Exists ? file.Length : 0) : 0;

    [LoggerMessage(Level = LogLevel.Critical, Message = "Collector can't start: {Reason}")]
    private static partial void CannotStart(ILogger log, string? reason);
}
