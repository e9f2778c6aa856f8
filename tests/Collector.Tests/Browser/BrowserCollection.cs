namespace Collector.Tests.Browser;

/// <summary>Tests in the browser share one, and run by themselves: some of them count frames.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class BrowserCollection : ICollectionFixture<DashboardFixture>
{
    public const string Name = "Browser";
}
