using Collector.Model;
using Collector.Storage;

namespace Collector.Live;

/// <summary>The store as the live stream sees it. What can't be read now is read the next time.</summary>
internal sealed partial class LiveArrivals(ILogReader reader, ILogger<LiveHub> log) : IArrivals
{
    public Arrival Newest => reader.Newest;

    public Arrival Read(Arrival after, int limit, IRowSink sink, CancellationToken cancellation)
    {
        try
        {
            return reader.ReadArrivals(after, limit, sink, cancellation);
        }
        catch (StoreUnavailableException error)
        {
            LogUnreadable(log, error);
            return after;
        }
    }

    [LoggerMessage(LogLevel.Warning, "Live readers wait: rows can't be read")]
    private static partial void LogUnreadable(ILogger log, Exception error);
}
