namespace Collector.Tests.Support;

/// <summary>A test of minutes, which runs only when it is asked for: LONG_TESTS=1 (names with COLLECTOR_ are settings).</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class LongFactAttribute : FactAttribute
{
    public LongFactAttribute() => Skip = Environment.GetEnvironmentVariable("LONG_TESTS") is null ? "takes minutes; set LONG_TESTS=1" : null;
}
