using Collector.Storage;
using Collector.Tests.Support;

namespace Collector.Tests.Receive.Tail;

/// <summary>Captured tail calls, damaged at random (by seed), through the whole way from face to store.</summary>
public sealed class MutationTests
{
    private const int Cases = 20_000;

    [Fact]
    public async Task Damaged_calls_are_stored_whole_or_refused_whole_and_never_a_server_error()
    {
        var store = new RuledStore(_ => AppendResult.Committed);
        await using var faces = new TestEndpoints(store);
        // The two long ones take most of the time and have nothing that others lack.
        var calls = TailItems.Names.Select(TailItems.Read).Where(call => call.Length < 5000).ToArray();
        var accepted = 0;
        for (var seed = 0; seed < Cases; seed++)
        {
            var random = new Random(seed);
            var body = random.Next(2) == 0
                ? Damage.Bytes(calls[seed % calls.Length], random)
                : Damage.Tokens(calls[seed % calls.Length], random);
            var before = faces.Total;

            var status = await faces.HttpAsync("/v1/tail", body, "application/json", null);

            var after = faces.Total;
            status.ShouldBeOneOf([200, 400], $"seed {seed}");
            after.InFlight.ShouldBe(0, $"seed {seed}");
            (after.Stored - before.Stored + after.Rejected - before.Rejected)
                .ShouldBe(after.Received - before.Received, $"seed {seed}");
            accepted += status == 200 ? 1 : 0;
        }

        // Else the mutations are not what they are meant to be.
        accepted.ShouldBeInRange(Cases / 4, Cases * 9 / 10);
        faces.Total.Stored.ShouldBe(store.Taken.Sum());
    }
}
