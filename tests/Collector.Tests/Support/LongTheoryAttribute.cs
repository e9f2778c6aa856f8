namespace Collector.Tests.Support;

/// <summary>As <see cref="LongFactAttribute"/>, with data.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class LongTheoryAttribute : TheoryAttribute
{
    public LongTheoryAttribute() => Skip = Environment.GetEnvironmentVariable("LONG_TESTS") is null ? "takes minutes; set LONG_TESTS=1" : null;
}
