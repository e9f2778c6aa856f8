using System.Net;
using Collector.Hosting;

namespace Collector.Tests.Hosting;

public sealed class OwnAddressTests
{
    [Theory]
    [InlineData("http://127.0.0.1:4317", "127.0.0.1:4317", true)]
    [InlineData("http://localhost:4317", "127.0.0.1:4317", true)]
    [InlineData("http://localhost:4317/v1/metrics", "[::1]:4317", true)]
    [InlineData("http://[::1]:4317", "[::1]:4317", true)]
    [InlineData("http://127.0.0.1:4317", "0.0.0.0:4317", true)]
    [InlineData("http://0.0.0.0:4317", "0.0.0.0:4317", true)]
    [InlineData("http://[::ffff:127.0.0.1]:4317", "127.0.0.1:4317", true)]
    [InlineData("http://[::1]:4317", "[::]:4317", true)]
    [InlineData("http://127.0.0.1:4318", "127.0.0.1:4317", false)]
    [InlineData("http://monitor:4317", "0.0.0.0:4317", false)]
    [InlineData("http://192.0.2.1:4317", "0.0.0.0:4317", false)]
    [InlineData("http://127.0.0.1:4317", "192.0.2.1:4317", false)]
    public void An_endpoint_is_own_where_it_leads_back(string url, string listening, bool expected) =>
        OwnAddress.IsReachedBy(new Uri(url), IPEndPoint.Parse(listening)).ShouldBe(expected);

    [Theory]
    [InlineData("http://monitor:4318", "http://monitor:4318/v1/metrics")]
    [InlineData("http://monitor:4318/", "http://monitor:4318/v1/metrics")]
    [InlineData("http://monitor/otlp", "http://monitor/otlp/v1/metrics")]
    [InlineData("http://monitor:4318/v1/metrics", "http://monitor:4318/v1/metrics")]
    public void Over_HTTP_the_path_of_metrics_is_appended_where_it_is_missing(string endpoint, string expected) =>
        MetricsPush.MetricsPathOf(new Uri(endpoint)).ToString().ShouldBe(expected);
}
