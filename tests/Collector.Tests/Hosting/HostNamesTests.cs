using Collector.Hosting;

namespace Collector.Tests.Hosting;

public sealed class HostNamesTests
{
    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("[::1]", true)]
    [InlineData("192.0.2.7", true)]
    [InlineData("LOCALHOST", true)]
    [InlineData("collector.localhost", true)]
    [InlineData("logs.internal", true)]
    [InlineData("evil.example", false)]
    [InlineData("localhost.evil.example", false)]
    [InlineData("127.0.0.1.evil.example", false)]
    [InlineData("", false)]
    public void A_name_that_somebody_else_can_point_here_is_unknown(string host, bool isKnown) =>
        new HostNames(["logs.internal"]).Knows(host).ShouldBe(isKnown);
}
