using System.Text;
using Collector.Live;
using Collector.Model;
using Microsoft.Extensions.Time.Testing;

namespace Collector.Tests.Live;

/// <summary>Who joins where gets which rows.</summary>
public sealed class LiveHubTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly Rows _rows = new();

    [Fact]
    public async Task Whoever_joins_ahead_of_the_others_gets_no_row_again_and_misses_none()
    {
        var hub = new LiveHub(_rows, static (in StoredRow row) => Encoding.ASCII.GetBytes($"{row.Position.Arrival.Row} "), _clock);
        var running = hub.RunAsync();
        _rows.Last = 1;
        using var first = hub.Join(new RowFilter()).ShouldNotBeNull();
        _rows.Last = 5;

        // It has read up to the newest row from the store, while the hub has shown nothing yet.
        using var resumed = hub.Join(new RowFilter(), new Arrival(1, 5)).ShouldNotBeNull();
        resumed.From.ShouldBe(new Arrival(1, 5));
        (await TakeAsync(first, "5 ")).ShouldBe("2 3 4 5 ");

        _rows.Last = 6;
        (await TakeAsync(resumed, "6 ")).ShouldBe("6 ");
        (await TakeAsync(first, "6 ")).ShouldBe("6 ");

        hub.Stop();
        await running;
        (await resumed.WaitAsync(CancellationToken.None)).ShouldBeFalse("a stopped hub ends its streams");
        hub.Join(new RowFilter()).ShouldBeNull();
    }

    [Fact]
    public void Whoever_joins_behind_the_others_has_the_rest_to_read_from_the_store()
    {
        var hub = new LiveHub(_rows, static (in StoredRow _) => [], _clock);
        _rows.Last = 7;
        using var first = hub.Join(new RowFilter()).ShouldNotBeNull();
        using var resumed = hub.Join(new RowFilter(), new Arrival(1, 3)).ShouldNotBeNull();
        resumed.From.ShouldBe(new Arrival(1, 7));
    }

    [Fact]
    public async Task Nobody_who_joins_or_leaves_waits_for_a_read_and_each_gets_the_rows_behind_where_it_joined()
    {
        var hub = new LiveHub(_rows, static (in StoredRow row) => Encoding.ASCII.GetBytes($"{row.Position.Arrival.Row} "), _clock);
        _rows.Last = 1;
        var running = hub.RunAsync();
        using var first = hub.Join(new RowFilter()).ShouldNotBeNull();
        using var stuck = new SemaphoreSlim(0);
        _rows.Stuck = (3, stuck);
        _rows.Last = 4;
        (await TakeAsync(first, "2 ")).ShouldBe("2 ");

        // The store gives no further row; a hub that held its gate meanwhile would let nobody in or out.
        var joining = Task.Run(() =>
        {
            hub.Join(new RowFilter())!.Dispose();
            return hub.Join(new RowFilter());
        });
        var isIn = await Task.WhenAny(joining, Task.Delay(TimeSpan.FromSeconds(20))) == joining;
        stuck.Release();
        isIn.ShouldBeTrue();
        using var second = (await joining).ShouldNotBeNull();
        second.From.ShouldBe(new Arrival(1, 2));

        (await TakeAsync(second, "4 ")).ShouldBe("3 4 ");
        (await TakeAsync(first, "4 ")).ShouldBe("3 4 ");
        hub.Stop();
        await running;
    }

    [Fact]
    public async Task Whoever_joins_when_all_have_left_in_the_middle_of_a_read_gets_none_of_its_rows()
    {
        var hub = new LiveHub(_rows, static (in StoredRow row) => Encoding.ASCII.GetBytes($"{row.Position.Arrival.Row} "), _clock);
        _rows.Last = 1;
        var running = hub.RunAsync();
        var first = hub.Join(new RowFilter()).ShouldNotBeNull();
        using var stuck = new SemaphoreSlim(0);
        _rows.Stuck = (3, stuck);
        _rows.Last = 4;
        (await TakeAsync(first, "2 ")).ShouldBe("2 ");

        var moving = Task.Run(() =>
        {
            first.Dispose();
            return hub.Join(new RowFilter());
        });
        await Task.WhenAny(moving, Task.Delay(TimeSpan.FromSeconds(20)));
        _rows.Last = 5;
        stuck.Release();
        using var second = (await moving).ShouldNotBeNull();
        second.From.ShouldBe(new Arrival(1, 4));

        (await TakeAsync(second, "5 ")).ShouldBe("5 ");
        hub.Stop();
        await running;
    }

    // Moves time until the last of these events has come.
    private async Task<string> TakeAsync(LiveReader reader, string last)
    {
        var taken = new StringBuilder();
        while (!taken.ToString().EndsWith(last, StringComparison.Ordinal))
        {
            var waiting = reader.WaitAsync(CancellationToken.None).AsTask();
            while (!waiting.IsCompleted)
            {
                _clock.Advance(TimeSpan.FromMilliseconds(50));
                await Task.Yield();
            }

            (await waiting).ShouldBeTrue();
            while (reader.TryTake(out var next))
            {
                // Heartbeats come as time moves on.
                taken.Append(next.Bytes is [(byte)':', ..] ? "" : Encoding.ASCII.GetString(next.Bytes));
            }
        }

        return taken.ToString();
    }

    private sealed class Rows : IArrivals
    {
        private long _last;

        public long Last { set => Volatile.Write(ref _last, value); }

        /// <summary>A row that is given only when it is released.</summary>
        public (long Row, SemaphoreSlim Released)? Stuck { get; set; }

        public Arrival Newest => new(1, Volatile.Read(ref _last));

        public Arrival Read(Arrival after, int limit, IRowSink sink, CancellationToken cancellation)
        {
            var newest = Newest;
            while (after.Row < newest.Row)
            {
                after = new Arrival(1, after.Row + 1);
                if (Stuck is var (row, released) && row == after.Row)
                {
                    released.Wait(cancellation);
                }

                if (!sink.Accept(new StoredRow { Position = new Position(1, after) }))
                {
                    break;
                }
            }

            return after;
        }
    }
}
