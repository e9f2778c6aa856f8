using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Collector.Tests.Support;

/// <summary>Keeps the errors and the warnings that are logged.</summary>
public sealed class RecordingLogger : ILogger
{
    public ConcurrentQueue<string> Errors { get; } = new();

    public ConcurrentQueue<string> Warnings { get; } = new();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        if (logLevel >= LogLevel.Error)
        {
            Errors.Enqueue(formatter(state, exception));
        }
        else if (logLevel == LogLevel.Warning)
        {
            Warnings.Enqueue(formatter(state, exception));
        }
    }
}
