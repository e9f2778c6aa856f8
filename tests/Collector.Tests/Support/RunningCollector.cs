namespace Collector.Tests.Support;

/// <summary>One real Collector for all tests of a class.</summary>
public sealed class RunningCollector : IAsyncLifetime
{
    internal CollectorProcess Process { get; private set; } = null!;

    public async Task InitializeAsync() => Process = await CollectorProcess.StartAsync();

    public async Task DisposeAsync() => await Process.DisposeAsync();
}
