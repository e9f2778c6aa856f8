using System.Net;
using Collector.Diagnostics;
using Collector.Limits;
using Collector.Storage;
using Microsoft.Extensions.Time.Testing;

namespace Collector.Tests.Limits;

public sealed class PlacesTests : IDisposable
{
    private readonly CollectorMetrics _metrics = new(new FakeTimeProvider());
    private readonly Places _places;

    public PlacesTests() => _places = new Places("readers", "readers", "Limits:Readers", 10, _metrics);

    public void Dispose()
    {
        _places.Dispose();
        _metrics.Dispose();
    }

    [Fact]
    public void One_address_has_all_but_a_tenth_and_the_others_have_the_rest()
    {
        var one = Enumerable.Range(0, 9).Select(_ => Take("10.0.0.1").ShouldNotBeNull()).ToArray();
        Take("10.0.0.1").ShouldBeNull();
        Take("::ffff:10.0.0.1").ShouldBeNull("the same address, written otherwise");
        _places.TryTake(IPAddress.Parse("10.0.0.1"), out var own);
        own!.Message.ShouldContain("9 of 10 (Limits:Readers)");

        using var other = Take("10.0.0.2").ShouldNotBeNull();
        _places.TryTake(IPAddress.Parse("10.0.0.3"), out var all);
        all!.Message.ShouldContain("All 10 readers");
        _places.Taken.ShouldBe(10);

        one[4].Dispose();
        one[4].Dispose();
        _places.Taken.ShouldBe(9, "given back twice is given back once");
        Take("10.0.0.1").ShouldNotBeNull();
    }

    [Theory]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    [InlineData("::1", "127.0.0.1", false)]
    [InlineData("::ffff:10.1.2.3", "10.1.2.3", true)]
    public void Who_has_a_network_of_addresses_is_one_caller(string one, string other, bool isSame) =>
        Share.OwnerOf(IPAddress.Parse(one)).Equals(Share.OwnerOf(IPAddress.Parse(other))).ShouldBe(isSame);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(4, 3)]
    [InlineData(10, 9)]
    [InlineData(32, 28)]
    [InlineData(1_000, 900)]
    public void A_share_is_all_but_a_tenth_and_one_at_least(int places, int share) => Share.Of(places).ShouldBe(share);

    [Theory]
    [InlineData(256, 16)]
    [InlineData(300, 16)]
    [InlineData(1_024, 704)]
    [InlineData(4_096, 3_776)]
    [InlineData(1_048_576, 10_000)]
    [InlineData(long.MaxValue, 10_000)]
    public void Connections_leave_descriptors_for_all_else(long bound, int connections)
    {
        Descriptors.ForConnections(bound).ShouldBe(connections);
        Descriptors.AreScarce(bound - 1, bound).ShouldBeTrue();
        Descriptors.AreScarce(200, bound).ShouldBeFalse();
    }

    [Fact]
    public void The_bound_of_this_process_is_known()
    {
        if (OperatingSystem.IsLinux())
        {
            Descriptors.Bound.ShouldBe(FileHandles.BoundOf("self").ShouldNotBeNull());
        }
    }

    private IDisposable? Take(string address) => _places.TryTake(IPAddress.Parse(address), out _);
}
