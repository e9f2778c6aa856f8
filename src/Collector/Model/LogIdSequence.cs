using System.Security.Cryptography;

namespace Collector.Model;

/// <summary>
/// Gives out ids that strictly increase within the process, also where two callers ask in the same millisecond and
/// where the clock steps back: each is the larger of (the last plus one) and (a fresh one for now). Safe for threads.
/// </summary>
internal sealed class LogIdSequence
{
    private readonly Lock _gate = new();
    private LogId _next;
    private long _lastMilliseconds;

    /// <summary>Begins with a fresh id.</summary>
    public LogIdSequence()
    {
    }

    /// <summary>Gives out what another sequence has reserved, one after the other, whatever the time.</summary>
    public LogIdSequence(LogId first)
    {
        _next = first;
        _lastMilliseconds = long.MaxValue;
    }

    /// <summary>Reserves <paramref name="count"/> consecutive ids and returns the first.</summary>
    public LogId Reserve(int count, ulong nowNanos)
    {
        var milliseconds = (long)(nowNanos / 1_000_000);
        lock (_gate)
        {
            var first = _next;
            if (milliseconds > _lastMilliseconds)
            {
                _lastMilliseconds = milliseconds;
                var fresh = Fresh(milliseconds);
                first = fresh > first ? fresh : first;
            }

            _next = first.Plus(count);
            return first;
        }
    }

    private static LogId Fresh(long milliseconds)
    {
        Span<byte> random = stackalloc byte[16];
        RandomNumberGenerator.Fill(random);
        // The counter's top bit starts at zero, so that a millisecond has room for 2^61 ids before it carries.
        return LogId.Of(milliseconds, BitConverter.ToUInt64(random), BitConverter.ToUInt64(random[8..]) >> 3);
    }
}
