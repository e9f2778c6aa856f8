using Collector.Model;

namespace Collector.Tests.Model;

public sealed class ByteBufferTests
{
    private const int Step = 28;

    /// <summary>Each step past the bound's half was a copy of the whole buffer once: minutes for some megabytes.</summary>
    [Fact]
    public void Near_its_bound_a_large_buffer_grows_in_few_steps_and_is_refused_at_the_bound()
    {
        var allowance = new BoundedAllowance(24 << 20);
        using var buffer = new ByteBuffer(allowance);
        var step = new byte[Step];

        for (var left = (32 << 20) / Step; left > 0 && !buffer.Refused; left--)
        {
            buffer.Append(step);
        }

        buffer.Refused.ShouldBeTrue();
        buffer.Length.ShouldBeGreaterThan(16 << 20);
        allowance.Granted.ShouldBeLessThan(64);
    }

    private sealed class BoundedAllowance(long max) : IByteAllowance
    {
        private long _taken;

        public int Granted { get; private set; }

        public bool TryTake(long bytes)
        {
            if (_taken + bytes > max)
            {
                return false;
            }

            _taken += bytes;
            Granted++;
            return true;
        }

        public void GiveBack(long bytes) => _taken -= bytes;
    }
}
