using System.Net;
using Collector.Pipeline.Ledger;
using Collector.Tests.Support;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Collector.Tests.Pipeline.Ledger;

public sealed class DoorLedgerTests
{
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UnixEpoch.AddTicks((long)(Some.Noon / 100)));
    private readonly RecordingLogger _log = new();
    private readonly DoorLedger _door;

    public DoorLedgerTests() => _door = new DoorLedger(_clock, new Named(_log));

    [Fact]
    public void Requests_are_counted_by_reason_and_sender_with_what_was_wrong_last()
    {
        TurnAway(DoorReason.WrongPath, 1, "no path /a").ShouldBeTrue();
        _clock.Advance(TimeSpan.FromSeconds(5));
        TurnAway(DoorReason.WrongPath, 1, "no path /b").ShouldBeFalse();
        TurnAway(DoorReason.NoKey, 1, "no key").ShouldBeTrue();
        TurnAway(DoorReason.WrongPath, 2, "no path /c").ShouldBeTrue();

        _door.Totals().ShouldBe([KeyValuePair.Create(DoorReason.NoKey, 1L), KeyValuePair.Create(DoorReason.WrongPath, 3L)]);
        _door.Read()[0].ShouldBe(new DoorLine(DoorReason.WrongPath, Address(1), 2, _clock.GetUtcNow(), "no path /b"));
        _door.Read().Count.ShouldBe(3);
    }

    [Fact]
    public void A_sender_is_named_at_once_and_what_stays_the_same_is_said_once_a_minute()
    {
        for (var second = 0; second < 150; second++)
        {
            TurnAway(DoorReason.UnknownEncoding, 1, "'br'");
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        TurnAway(DoorReason.UnknownEncoding, 2, "'br'");

        _log.Warnings.Count.ShouldBe(4);
        _log.Warnings.First().ShouldBe(
            "A request of 10.0.0.1 is turned away (unknown_encoding, 1 so far): 'br'. What helps: " + DoorReason.UnknownEncoding.Remedy());
        _log.Warnings.Last().ShouldContain("10.0.0.2");
    }

    [Fact]
    public void Metrics_are_said_once_a_sender()
    {
        for (var minute = 0; minute < 10; minute++)
        {
            TurnAway(DoorReason.Metrics, 1, "5 points");
            _clock.Advance(TimeSpan.FromMinutes(2));
        }

        _log.Warnings.Count.ShouldBe(1);
        _door.Totals().ShouldBe([KeyValuePair.Create(DoorReason.Metrics, 10L)]);
    }

    [Fact]
    public void Any_number_of_senders_takes_a_bounded_room_and_all_are_counted()
    {
        for (var sender = 0; sender < 5_000; sender++)
        {
            TurnAway(DoorReason.NoKey, sender, "no key");
            TurnAway(DoorReason.WrongPort, sender, "4380");
        }

        var lines = _door.Read();
        lines.Count.ShouldBe(1_002);
        lines.Sum(static line => line.Requests).ShouldBe(10_000);
        lines.Where(static line => line.Sender is null).Select(static line => line.Reason).ShouldBe([DoorReason.NoKey, DoorReason.WrongPort], ignoreOrder: true);
        _log.Warnings.Count.ShouldBeLessThan(1_010);
    }

    [Fact]
    public void What_a_stranger_wrote_can_do_nothing_to_a_terminal()
    {
        TurnAway(DoorReason.WrongPath, 1, "no path /\u001b[2J\u202e\n" + new string('x', 1_000));

        var what = _door.Read()[0].What;
        what.ShouldNotContain('\u001b');
        what.Length.ShouldBe(200);
        _log.Warnings.Single().ShouldNotContain('\n');
    }

    [Fact]
    public void Every_reason_has_a_label_of_its_own_and_a_remedy()
    {
        var reasons = Enum.GetValues<DoorReason>();
        reasons.Select(static reason => reason.Label()).Distinct().Count().ShouldBe(reasons.Length);
        reasons.ShouldAllBe(static reason => reason.Remedy().Length > 0);
    }

    private bool TurnAway(DoorReason reason, int sender, string what) => _door.TurnAway(reason, Address(sender), what);

    private static IPAddress Address(int number) => new([10, 0, (byte)(number >> 8), (byte)number]);

    private sealed class Named(ILogger log) : ILogger<DoorLedger>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            log.Log(logLevel, eventId, state, exception, formatter);
    }
}
