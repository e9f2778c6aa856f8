using Collector.Tests.Support;

namespace Collector.Tests.EndToEnd;

public sealed class CrashTests
{
    [Fact]
    public async Task Every_acknowledged_record_is_there_exactly_once_after_five_kills()
    {
        using var folder = new TemporaryFolder();
        using var oracle = new CrashOracle(folder.Path, kills: 5, seed: 1);

        var figures = await oracle.RunAsync();

        figures.ShouldBeClean();
    }
}
