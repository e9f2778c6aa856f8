using System.Net;
using Collector.Limits;
using Collector.Tests.Support;

namespace Collector.Tests.Limits;

public sealed class TurnsTests
{
    private static readonly IPAddress _one = IPAddress.Parse("10.0.0.1");
    private static readonly IPAddress _two = IPAddress.Parse("10.0.0.2");
    private static readonly IPAddress _three = IPAddress.Parse("10.0.0.3");

    [Fact]
    public async Task Who_waits_is_served_by_address_in_turn()
    {
        var turns = new Turns(places: 1, maxWaiting: 100);
        var first = (await turns.TakeAsync(_one, CancellationToken.None)).Turn.ShouldNotBeNull();
        var served = new List<string>();
        var waiting = new[] { _one, _one, _one, _two, _two, _three }.Select(TakeAsync).ToArray();

        first.Dispose();
        await Task.WhenAll(waiting);
        served.ShouldBe(["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.1", "10.0.0.2", "10.0.0.1"]);

        async Task TakeAsync(IPAddress address)
        {
            using var turn = (await turns.TakeAsync(address, CancellationToken.None)).Turn;
            served.Add(address.ToString());
        }
    }

    [Fact]
    public async Task An_address_that_has_its_share_does_not_hold_up_others_behind_it()
    {
        var turns = new Turns(places: 3, maxWaiting: 10);
        var one = (await turns.TakeAsync(_one, CancellationToken.None)).Turn;
        var two = (await turns.TakeAsync(_one, CancellationToken.None)).Turn;
        var third = turns.TakeAsync(_one, CancellationToken.None).AsTask();
        third.IsCompleted.ShouldBeFalse("two of three are its share");

        using var other = (await turns.TakeAsync(_two, CancellationToken.None)).Turn.ShouldNotBeNull();
        one!.Dispose();
        (await third).Turn!.Dispose();
        two!.Dispose();
        two.Dispose();
        using var both = (await turns.TakeAsync(_three, CancellationToken.None)).Turn.ShouldNotBeNull("given back twice is given back once");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Places_are_always_given_back_however_a_caller_ends(int seed)
    {
        var random = new Random(seed);
        var turns = new Turns(places: 4, maxWaiting: 8);
        var (inside, most, refused, left, served) = (0, 0, 0, 0, 0);
        await Task.WhenAll(Enumerable.Range(0, 2_000).Select(i =>
        {
            var (address, leaves, fails) = (IPAddress.Parse($"10.0.0.{random.Next(5)}"), random.Next(3) == 0, random.Next(3) == 0);
            return Task.Run(() => AskAsync(address, leaves, fails));
        }));

        (served + refused + left).ShouldBe(2_000);
        most.ShouldBeLessThanOrEqualTo(4);
        // All places are there again, and all of those to wait.
        var taken = new List<IDisposable>();
        for (var i = 0; i < 4; i++)
        {
            taken.Add((await turns.TakeAsync(IPAddress.Parse($"10.0.1.{i}"), CancellationToken.None)).Turn.ShouldNotBeNull());
        }

        var waiting = Enumerable.Range(0, 8).Select(i => turns.TakeAsync(IPAddress.Parse($"10.0.2.{i}"), CancellationToken.None).AsTask()).ToArray();
        waiting.ShouldAllBe(static one => !one.IsCompleted);
        (await turns.TakeAsync(_one, CancellationToken.None)).Turn.ShouldBeNull();
        taken.ForEach(static turn => turn.Dispose());
        foreach (var one in waiting)
        {
            (await one).Turn!.Dispose();
        }

        async Task AskAsync(IPAddress address, bool leaves, bool fails)
        {
            using var leave = new CancellationTokenSource();
            try
            {
                var asking = turns.TakeAsync(address, leave.Token);
                if (leaves)
                {
                    await leave.CancelAsync();
                }

                using var turn = (await asking).Turn;
                if (turn is null)
                {
                    Interlocked.Increment(ref refused);
                    return;
                }

                Count(Interlocked.Increment(ref inside));
                await Task.Yield();
                Interlocked.Decrement(ref inside);
                Interlocked.Increment(ref served);
                if (fails)
                {
                    throw new IOException("the store");
                }
            }
            catch (OperationCanceledException)
            {
                Interlocked.Increment(ref left);
            }
            catch (IOException)
            {
                // As a question that fails.
            }
        }

        void Count(int now)
        {
            lock (turns)
            {
                most = Math.Max(most, now);
            }
        }
    }
}
