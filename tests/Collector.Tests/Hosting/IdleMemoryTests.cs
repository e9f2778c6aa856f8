using Collector.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace Collector.Tests.Hosting;

public sealed class IdleMemoryTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly IdleMemory _memory;
    private long _allocated;
    private int _givenBack;

    public IdleMemoryTests()
    {
        _memory = new IdleMemory(() => _allocated, () => _givenBack++, _clock);
        _memory.Start();
    }

    public void Dispose() => _memory.Dispose();

    [Fact]
    public void A_busy_process_is_never_stopped_for_it()
    {
        Looks(100, busy: true);

        _givenBack.ShouldBe(0);
    }

    [Fact]
    public void Memory_is_given_back_when_it_becomes_quiet_and_once_more_a_minute_later()
    {
        Looks(3, busy: true);

        Looks(1, busy: false);
        _givenBack.ShouldBe(1);
        Looks(4, busy: false);
        _givenBack.ShouldBe(1);
        Looks(1, busy: false);
        _givenBack.ShouldBe(2);
        Looks(1_000, busy: false);
        _givenBack.ShouldBe(2);
    }

    [Fact]
    public void The_next_busy_time_begins_it_anew()
    {
        Looks(10, busy: false);
        _givenBack = 0;

        Looks(1, busy: true);
        Looks(1, busy: false);

        _givenBack.ShouldBe(1);
    }

    private void Looks(int count, bool busy)
    {
        for (var i = 0; i < count; i++)
        {
            _allocated += busy ? 100_000_000 : 1_000;
            _clock.Advance(IdleMemory.Look);
        }
    }
}
