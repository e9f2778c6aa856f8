using System.Collections.Concurrent;
using System.Net;
using System.Text.RegularExpressions;
using Collector.Hosting;
using Collector.Storage;
using Collector.Storage.Sqlite;
using Collector.Storage.Sqlite.Segments;
using Collector.Storage.Sqlite.Spool;
using Microsoft.Extensions.Logging;

namespace Collector.Tests.Faults;

/// <summary>
/// The whole Collector in this process, on free ports: the store's files go through <see cref="Disk.FaultyVfs"/>, and
/// segments may be smaller than a setting allows.
/// </summary>
internal sealed partial class CollectorHere : IAsyncDisposable
{
    private readonly Host _host;
    private readonly LogLines _log;
    private readonly IDisposable[] _held;
    private bool _isDisposed;

    private CollectorHere(Host host, LogLines log, params IDisposable[] held) => (_host, _log, _held) = (host, log, held);

    public IPEndPoint Http { get; private set; } = new(IPAddress.Loopback, 0);

    public IPEndPoint Web { get; private set; } = new(IPAddress.Loopback, 0);

    public string Log => _log.Text;

    /// <summary>As the program starts it; null, and why, where that is refused.</summary>
    public static async Task<(CollectorHere? Running, string? WhyNot)> TryStartAsync(string folder, int segmentRows, TimeProvider clock)
    {
        var log = new LogLines();
        var logs = LoggerFactory.Create(builder => builder.AddFilter("Microsoft", LogLevel.Warning).AddProvider(log));
        var options = Options(folder, segmentRows);
        var opening = SqliteStore.Open(
            new SqliteStoreOptions { Path = folder, SegmentRows = segmentRows, RowsInTextBlock = 16, Retention = options.Retention }, null,
            logs.CreateLogger<SqliteStore>(), clock);
        if (!opening.Succeeded)
        {
            return (null, opening.Error);
        }

        CollectorHere? here = null;
        try
        {
            var spool = SqliteSpool.Open(
                options.Spool.Path, options.Spool.MaxBytes, options.Retention.MaxAge, clock, logs.CreateLogger<SqliteSpool>());
            here = new CollectorHere(new Host(options, opening.Store, spool, clock, logs), log, spool, opening.Store, logs);
            await here.StartAsync();
            return (here, null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or StoreUnavailableException)
        {
            if (here is not null)
            {
                await here.StopAsync();
                await here.DisposeAsync();
            }

            opening.Store.Dispose();
            return (null, e.Message);
        }
    }

    /// <summary>As a second signal does: what is not stored at once is spooled.</summary>
    public Task<bool> StopAsync() => _host.StopAsync(new CancellationToken(canceled: true));

    /// <summary>As one signal does; nothing is open afterwards.</summary>
    public async Task<bool> DrainAsync()
    {
        var isWhole = await _host.StopAsync(CancellationToken.None);
        await DisposeAsync();
        return isWhole;
    }

    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        await _host.DisposeAsync();
        // A host whose writer hangs, or has not begun, leaves them to the end of the process, which here goes on.
        Array.ForEach(_held, static one => one.Dispose());
    }

    private static CollectorOptions Options(string folder, int segmentRows)
    {
        var options = new CollectorOptions();
        (options.Listen.Grpc, options.Listen.Http, options.Listen.Web) = (AnyPort(), AnyPort(), AnyPort());
        (options.Storage.Path, options.Storage.SegmentRows) = (folder, segmentRows);
        options.Spool.Path = Path.Combine(folder, "spool");
        options.Batch.AckLinger = TimeSpan.FromMilliseconds(1);
        options.Retry.BaseDelay = TimeSpan.FromMilliseconds(10);
        options.Retention.MaxAge = TimeSpan.FromDays(3650);
        // By the hurried clock there is a fraction of it.
        options.Query.Timeout = options.Shutdown.Deadline = TimeSpan.FromMinutes(10);
        return options;

        static IPEndPoint AnyPort() => new(IPAddress.Loopback, 0);
    }

    private async Task StartAsync()
    {
        await _host.StartAsync(CancellationToken.None);
        var match = Listening().Match(Log);
        (Http, Web) = (IPEndPoint.Parse(match.Groups["http"].Value), IPEndPoint.Parse(match.Groups["web"].Value));
    }

    [GeneratedRegex(@"OTLP/HTTP on (?<http>\S+), API on https?://(?<web>[^;\s]+);")]
    private static partial Regex Listening();

    private sealed class LogLines : ILoggerProvider, ILogger
    {
        private readonly ConcurrentQueue<string> _lines = new();

        public string Text => string.Join('\n', _lines);

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _lines.Enqueue($"{logLevel}: {formatter(state, exception)}{(exception is null ? "" : "\n" + exception)}");

        public void Dispose()
        {
        }
    }
}
