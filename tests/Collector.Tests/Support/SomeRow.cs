using Collector.Model;

namespace Collector.Tests.Support;

/// <summary>A row in plain strings, with arbitrary values where a test does not care.</summary>
internal sealed record SomeRow
{
    public string Worker { get; init; } = "worker-a";

    public string? RequestId { get; init; }

    public string Correlation { get; init; } = "correlation-a";

    public Level Level { get; init; } = Level.Info;

    public string Message { get; init; } = "something happened";

    public string? Context { get; init; }

    public ulong Nanos { get; init; } = Some.Noon;

    public long? CpuMs { get; init; }

    public Kind Kind { get; init; } = Kind.Log;

    public double? WallMs { get; init; }

    public UInt128 Trace { get; init; }

    public ulong Span { get; init; }

    public ulong ParentSpan { get; init; }

    public string? Outcome { get; init; }

    public string? Resource { get; init; }
}
