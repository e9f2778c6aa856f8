using Collector.Diagnostics;

namespace Collector.Limits;

/// <summary>All places that callers are given, by kind; those of questions are at their gates.</summary>
internal sealed class CallerPlaces(LimitOptions options, CollectorMetrics metrics) : IDisposable
{
    public Places Connections { get; } = new(
        "connections", "connections", "Limits:Connections",
        options.Connections > 0 ? options.Connections : Descriptors.ForConnections(Descriptors.Bound), metrics);

    public Places Streams { get; } = new("streams", "streams of gRPC", "Limits:Streams", options.Streams, metrics);

    public Places LiveReaders { get; } = new("live_readers", "live readers", "Limits:LiveReaders", options.LiveReaders, metrics);

    /// <summary>A place is a KiB.</summary>
    public Places Answers { get; } = new(
        "answers", "KiB of answers that wait to be read", "Limits:AnswerBytes", (int)(options.AnswerBytes >> 10), metrics);

    public void Dispose()
    {
        Connections.Dispose();
        Streams.Dispose();
        LiveReaders.Dispose();
        Answers.Dispose();
    }
}
