using System.Buffers;
using System.Text;
using Collector.Diagnostics;
using Collector.Live;
using Collector.Model;
using Collector.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Collector.Tests.Live;

/// <summary>Who joins where gets which rows.</summary>
public sealed class LiveHubTests
{
    private const int Timeout = 60_000;

    private readonly FakeTimeProvider _clock = new();
    private readonly Rows _rows = new();
    private readonly CollectorMetrics _metrics;
    private readonly RecordingLogger _log = new();

    public LiveHubTests() => _metrics = new CollectorMetrics(_clock);

    [Fact(Timeout = Timeout)]
    public async Task Whoever_joins_ahead_of_the_others_gets_no_row_again_and_misses_none()
    {
        var hub = Hub(WriteNumber);
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
        var hub = Hub(WriteNumber);
        _rows.Last = 7;
        using var first = hub.Join(new RowFilter()).ShouldNotBeNull();
        using var resumed = hub.Join(new RowFilter(), new Arrival(1, 3)).ShouldNotBeNull();
        resumed.From.ShouldBe(new Arrival(1, 7));
    }

    [Fact(Timeout = Timeout)]
    public async Task Nobody_who_joins_or_leaves_waits_for_a_read_and_each_gets_the_rows_behind_where_it_joined()
    {
        var hub = Hub(WriteNumber);
        _rows.Last = 1;
        var running = hub.RunAsync();
        using var first = hub.Join(new RowFilter()).ShouldNotBeNull();
        using var stuck = new SemaphoreSlim(0);
        _rows.Stuck = (3, stuck);
        _rows.Last = 4;
        await UntilStuckAsync();

        // The store gives no further row; a hub that held its gate meanwhile would let nobody in or out.
        var joining = Task.Run(() =>
        {
            hub.Join(new RowFilter())!.Dispose();
            return hub.Join(new RowFilter());
        });
        var isIn = await Eventually.EndsAsync(joining, TimeSpan.FromSeconds(20));
        stuck.Release();
        isIn.ShouldBeTrue();
        using var second = (await joining).ShouldNotBeNull();
        second.From.ShouldBe(new Arrival(1, 2));

        (await TakeAsync(second, "4 ")).ShouldBe("3 4 ");
        (await TakeAsync(first, "4 ")).ShouldBe("2 3 4 ");
        hub.Stop();
        await running;
    }

    [Fact(Timeout = Timeout)]
    public async Task Whoever_joins_when_all_have_left_in_the_middle_of_a_read_gets_none_of_its_rows()
    {
        var hub = Hub(WriteNumber);
        _rows.Last = 1;
        var running = hub.RunAsync();
        var first = hub.Join(new RowFilter()).ShouldNotBeNull();
        using var stuck = new SemaphoreSlim(0);
        _rows.Stuck = (3, stuck);
        _rows.Last = 4;
        await UntilStuckAsync();

        var moving = Task.Run(() =>
        {
            first.Dispose();
            return hub.Join(new RowFilter());
        });
        await Eventually.EndsAsync(moving, TimeSpan.FromSeconds(20));
        _rows.Last = 5;
        stuck.Release();
        using var second = (await moving).ShouldNotBeNull();
        second.From.ShouldBe(new Arrival(1, 4));

        (await TakeAsync(second, "5 ")).ShouldBe("5 ");
        hub.Stop();
        await running;
    }

    [Fact(Timeout = Timeout)]
    public async Task Whoever_wants_the_same_is_given_the_same_bytes_and_others_what_they_want()
    {
        var written = 0;
        var hub = Hub(Write);
        _rows.Last = 1;
        using var one = hub.Join(new RowFilter { Worker = "even", Attributes = [] }).ShouldNotBeNull();
        using var same = hub.Join(new RowFilter { Worker = "even" }).ShouldNotBeNull();
        using var other = hub.Join(new RowFilter { Worker = "odd" }).ShouldNotBeNull();
        using var all = hub.Join(new RowFilter()).ShouldNotBeNull();
        var running = hub.RunAsync();
        _rows.Last = 7;

        await MoveUntilAsync(() => hub.Waiting > 0);
        hub.Waiting.ShouldBeLessThan(1_000, "rows are there once, whoever waits for them");
        var (first, second) = (await TakeOneAsync(one), await TakeOneAsync(same));
        first.Span.SequenceEqual(second.Span).ShouldBeTrue();
        (await TakeAsync(other, "7 ")).ShouldBe("3 5 7 ");
        (await TakeAsync(all, "7 ")).ShouldBe("2 3 4 5 6 7 ");
        written.ShouldBe(6, "each row once");
        hub.Stop();
        await running;

        void Write(in StoredRow row, IBufferWriter<byte> into)
        {
            written++;
            WriteNumber(row, into);
        }
    }

    [Fact(Timeout = Timeout)]
    public async Task A_reader_is_given_a_burst_then_a_thousand_rows_a_second_and_told_of_the_others()
    {
        var hub = Hub(WriteNumber);
        _rows.Last = 0;
        using var first = hub.Join(new RowFilter()).ShouldNotBeNull();
        var running = hub.RunAsync();
        _rows.Last = 1_000;
        await LookAsync();
        await LookAsync();
        RowsIn(first).ShouldBe(Enumerable.Range(1, 1_000));

        // Two looks of 50 ms have passed, and none since the second began.
        using var second = hub.Join(new RowFilter()).ShouldNotBeNull();
        _rows.Last = 3_000;
        await LookAsync();
        await LookAsync();
        RowsIn(first).Count.ShouldBeInRange(100, 150);
        first.TakeSkipped().ShouldBeInRange(1_850, 1_900);
        RowsIn(second).Count.ShouldBeInRange(1_000, 1_050, "whoever comes later has an allowance of its own");

        for (var i = 1; i <= 20; i++)
        {
            _rows.Last = 3_000 + (i * 400);
            await LookAsync();
        }

        await LookAsync();
        RowsIn(first).Count.ShouldBeInRange(950, 1_150, "of 8,000 in a second");
        hub.Stop();
        await running;
    }

    [Fact(Timeout = Timeout)]
    public async Task The_more_readers_there_are_the_less_often_they_are_told()
    {
        var hub = Hub(WriteNumber);
        var readers = Enumerable.Range(0, 200).Select(_ => hub.Join(new RowFilter()).ShouldNotBeNull()).ToList();
        var running = hub.RunAsync();
        await LookAsync();
        await LookAsync(TimeSpan.FromMilliseconds(200), times: 2);
        var looked = _rows.Looks;
        for (var i = 0; i < 100; i++)
        {
            await LookAsync(TimeSpan.FromMilliseconds(200), times: 2);
        }

        _rows.Looks.ShouldBe(looked + 100);
        readers.ForEach(static reader => reader.Dispose());
        using var alone = hub.Join(new RowFilter()).ShouldNotBeNull();
        await LookAsync(TimeSpan.FromMilliseconds(200), times: 2);
        for (var i = 0; i < 100; i++)
        {
            await LookAsync();
        }

        hub.Stop();
        await running;
    }

    [Fact(Timeout = Timeout)]
    public async Task Every_fifteen_seconds_a_reader_is_told_how_far_the_rows_have_been_looked_through()
    {
        var hub = Hub(WriteNumber);
        _rows.Last = 3;
        using var quiet = hub.Join(new RowFilter { Worker = "nobody" }).ShouldNotBeNull();
        using var ahead = hub.Join(new RowFilter { Worker = "nobody" }, new Arrival(1, 9)).ShouldNotBeNull();
        var running = hub.RunAsync();
        _rows.Last = 7;
        await LookAsync();
        await LookAsync(TimeSpan.FromSeconds(15), times: 1);
        await LookAsync();

        TextOf(quiet).ShouldBe("event: watermark\nid: 1-7\ndata: {}\n\n");
        TextOf(ahead).ShouldBe("event: watermark\nid: 1-9\ndata: {}\n\n", "it has those up to there already");
        hub.Stop();
        await running;

        static string TextOf(LiveReader reader) =>
            reader.TryTake(out var events) ? Encoding.ASCII.GetString(events.Span) : "nothing";
    }

    [Fact(Timeout = Timeout)]
    public async Task What_waits_for_a_reader_who_takes_nothing_is_bounded_and_the_rest_is_counted()
    {
        const int RowBytes = 10_000;
        var hub = Hub(static (in StoredRow _, IBufferWriter<byte> into) => into.Write(new byte[RowBytes]));
        _rows.Last = 0;
        using var reader = hub.Join(new RowFilter()).ShouldNotBeNull();
        var running = hub.RunAsync();
        for (var row = 100; row <= 900; row += 100)
        {
            _rows.Last = row;
            await LookAsync();
            await LookAsync();
        }

        var bytes = 0L;
        while (reader.TryTake(out var events))
        {
            bytes += events.Length;
        }

        bytes.ShouldBe(4 * 1024 * 1024 / RowBytes * RowBytes);
        reader.TakeSkipped().ShouldBe(900 - (bytes / RowBytes));
        hub.Stop();
        await running;
    }

    [Fact(Timeout = Timeout)]
    public async Task Of_large_rows_no_more_are_written_than_anybody_may_be_given()
    {
        var written = 0;
        var hub = Hub(Write);
        _rows.Last = 0;
        using var reader = hub.Join(new RowFilter()).ShouldNotBeNull();
        var running = hub.RunAsync();
        _rows.Last = 900;
        await LookAsync();
        await LookAsync();
        written.ShouldBe(5, "of a megabyte each, and 4 MiB may wait");
        RowsIn(reader).Count.ShouldBe(4);
        reader.TakeSkipped().ShouldBe(896);
        hub.Stop();
        await running;

        void Write(in StoredRow row, IBufferWriter<byte> into)
        {
            written++;
            into.Write(Encoding.ASCII.GetBytes($"{row.Position.Arrival.Row} ".PadRight(1_000_000)));
        }
    }

    [Fact(Timeout = Timeout)]
    public async Task Beyond_the_bytes_of_all_readers_the_slowest_is_cut_and_told_and_the_others_go_on()
    {
        const int RowBytes = 50_000;
        var hub = Hub(WriteLarge, maxBytes: 1_000_000);
        _rows.Last = 0;
        using var slow = hub.Join(new RowFilter { Worker = "even" }).ShouldNotBeNull();
        using var quick = hub.Join(new RowFilter()).ShouldNotBeNull();
        var running = hub.RunAsync();
        var taken = new List<int>();
        for (var row = 1; row <= 60; row++)
        {
            _rows.Last = row;
            await LookAsync();
            await LookAsync();
            taken.AddRange(RowsIn(quick));
            hub.Waiting.ShouldBeLessThan(1_000_000 + (2 * RowBytes));
        }

        taken.ShouldBe(Enumerable.Range(1, 60), "whoever reads is not cut");
        quick.WhyCut.ShouldBeNull();
        slow.WhyCut.ShouldNotBeNull().ShouldContain("Limits:LiveBytes");
        slow.Reached.ShouldBe(new Arrival(1, 0), "it has been given nothing, and goes on from there");
        (await slow.WaitAsync(CancellationToken.None)).ShouldBeFalse();
        slow.Over.IsCancellationRequested.ShouldBeFalse();
        _clock.Advance(TimeSpan.FromSeconds(5));
        slow.Over.IsCancellationRequested.ShouldBeTrue("it had its time to take the reason");
        hub.Waiting.ShouldBe(0);
        hub.Stop();
        await running;

        static void WriteLarge(in StoredRow row, IBufferWriter<byte> into) =>
            into.Write(Encoding.ASCII.GetBytes($"{row.Position.Arrival.Row} ".PadRight(RowBytes)));
    }

    [Theory(Timeout = Timeout)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Memory_is_given_back_however_readers_end(int seed)
    {
        var random = new Random(seed);
        var hub = Hub(static (in StoredRow row, IBufferWriter<byte> into) => into.Write(Encoding.ASCII.GetBytes($"{row.Position.Arrival.Row} ".PadRight(900))), maxBytes: 200_000);
        _rows.Last = 0;
        var running = hub.RunAsync();
        var readers = new List<LiveReader>();
        for (var turn = 0; turn < 300; turn++)
        {
            switch (random.Next(4))
            {
                case 0:
                    readers.Add(hub.Join(new RowFilter { Worker = random.Next(3) switch { 0 => "odd", 1 => "even", _ => null } }).ShouldNotBeNull());
                    break;
                case 1 when readers.Count > 0:
                    var leaver = readers[random.Next(readers.Count)];
                    leaver.Dispose();
                    readers.Remove(leaver);
                    break;
                case 2 when readers.Count > 0:
                    readers[random.Next(readers.Count)].TryWrite(new ArrayBufferWriter<byte>());
                    break;
                default:
                    _rows.Add(random.Next(100));
                    break;
            }

            _clock.Advance(TimeSpan.FromMilliseconds(50));
            hub.Waiting.ShouldBeInRange(0, 200_000 + (150 * 1_000));
        }

        readers.ForEach(static reader => reader.Dispose());
        hub.Stop();
        await running;
        hub.Waiting.ShouldBe(0);
        hub.Readers.ShouldBe(0);
    }

    [Theory(Timeout = Timeout)]
    [InlineData(typeof(OutOfMemoryException))]
    [InlineData(typeof(InvalidOperationException))]
    [InlineData(typeof(OperationCanceledException))]
    public async Task No_error_ends_the_hub_its_readers_are_told_and_who_comes_back_goes_on(Type kind)
    {
        var isBroken = true;
        var hub = Hub(Write);
        _rows.Last = 1;
        using var reader = hub.Join(new RowFilter()).ShouldNotBeNull();
        var running = hub.RunAsync();
        _rows.Last = 2;
        // No further: after a second of its time the hub has recovered.
        await LookAsync();
        (await reader.WaitAsync(CancellationToken.None)).ShouldBeFalse();
        hub.WhyNot.ShouldNotBeNull().ShouldContain("failed");
        hub.Join(new RowFilter()).ShouldBeNull();
        hub.HasEnded.ShouldBeFalse();
        await Eventually.IsSoAsync(() => !_log.Errors.IsEmpty, () => "nothing is logged");
        _log.Errors.Count.ShouldBe(1);

        isBroken = false;
        _clock.Advance(TimeSpan.FromSeconds(1));
        hub.WhyNot.ShouldBeNull();
        reader.Dispose();
        using var back = hub.Join(new RowFilter(), reader.Reached).ShouldNotBeNull();
        back.From.ShouldBe(new Arrival(1, 2), "the store has the row before that");
        _rows.Last = 3;
        (await TakeAsync(back, "3 ")).ShouldBe("3 ");
        hub.Stop();
        await running;

        void Write(in StoredRow row, IBufferWriter<byte> into)
        {
            if (isBroken)
            {
                throw (Exception)Activator.CreateInstance(kind)!;
            }

            WriteNumber(row, into);
        }
    }

    private LiveHub Hub(LiveHub.RowWriter write, long maxBytes = 32 << 20) =>
        new(_rows, write, maxBytes, _metrics, _clock, new TypedLogger<LiveHub>(_log));

    private static void WriteNumber(in StoredRow row, IBufferWriter<byte> into) =>
        into.Write(Encoding.ASCII.GetBytes($"{row.Position.Arrival.Row} "));

    private Task UntilStuckAsync() => MoveUntilAsync(() => _rows.IsStuck);

    private async Task MoveUntilAsync(Func<bool> isSo)
    {
        var bound = new LoopBound();
        while (!isSo() && bound.Holds())
        {
            _clock.Advance(TimeSpan.FromMilliseconds(50));
            await Task.Yield();
        }
    }

    // Moves time by a usual look, and waits until the hub has begun it; the look before is then over.
    private Task LookAsync() => LookAsync(TimeSpan.FromMilliseconds(50), times: 1);

    private async Task LookAsync(TimeSpan step, int times)
    {
        var looked = _rows.Looks;
        for (var i = 0; i < times; i++)
        {
            _clock.Advance(step);
        }

        var bound = new LoopBound();
        while (_rows.Looks == looked && bound.Holds())
        {
            await Task.Yield();
        }
    }

    private static List<int> RowsIn(LiveReader reader)
    {
        var rows = new List<int>();
        while (reader.TryTake(out var events))
        {
            // A watermark or a nudge is no row.
            var text = Encoding.ASCII.GetString(events.Span);
            rows.AddRange(text.StartsWith("event", StringComparison.Ordinal) ? [] : text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse));
        }

        return rows;
    }

    private async Task<ReadOnlyMemory<byte>> TakeOneAsync(LiveReader reader)
    {
        var waiting = reader.WaitAsync(CancellationToken.None).AsTask();
        await MoveUntilAsync(() => waiting.IsCompleted);
        reader.TryTake(out var events).ShouldBeTrue();
        return events;
    }

    // Moves time until the last of these events has come.
    private async Task<string> TakeAsync(LiveReader reader, string last)
    {
        var taken = new StringBuilder();
        var bound = new LoopBound();
        while (!taken.ToString().EndsWith(last, StringComparison.Ordinal) && bound.Holds())
        {
            var waiting = reader.WaitAsync(CancellationToken.None).AsTask();
            await MoveUntilAsync(() => waiting.IsCompleted);
            (await waiting).ShouldBeTrue();
            while (reader.TryTake(out var next))
            {
                // Watermarks come as time moves on.
                taken.Append(next.Span is [(byte)'e', ..] ? "" : Encoding.ASCII.GetString(next.Span));
            }
        }

        return taken.ToString();
    }

    private sealed class Rows : IArrivals
    {
        private long _last;
        private long _looks;

        public long Last { set => Volatile.Write(ref _last, value); }

        public void Add(int rows) => Interlocked.Add(ref _last, rows);

        /// <summary>How often somebody asked for the newest one.</summary>
        public long Looks => Interlocked.Read(ref _looks);

        public bool IsStuck { get; private set; }

        /// <summary>A row that is given only when it is released.</summary>
        public (long Row, SemaphoreSlim Released)? Stuck { get; set; }

        public Arrival Newest
        {
            get
            {
                Interlocked.Increment(ref _looks);
                return new Arrival(1, Volatile.Read(ref _last));
            }
        }

        public Arrival Read(Arrival after, int limit, IRowSink sink, CancellationToken cancellation)
        {
            var newest = Volatile.Read(ref _last);
            while (after.Row < newest)
            {
                after = new Arrival(1, after.Row + 1);
                if (Stuck is var (row, released) && row == after.Row)
                {
                    IsStuck = true;
                    released.Wait(cancellation);
                }

                if (!sink.Accept(new StoredRow
                {
                    Position = new Position(1, after),
                    WorkerName = after.Row % 2 == 0 ? "even"u8 : "odd"u8,
                }))
                {
                    break;
                }
            }

            return after;
        }
    }
}
