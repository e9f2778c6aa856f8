namespace Collector.Hosting;

internal static partial class StartupLog
{
    [LoggerMessage(Level = LogLevel.Critical, Message = "Collector can't start: {Reason}")]
    public static partial void CannotStart(ILogger log, string? reason);
}
