namespace Collector.Pipeline.Queue;

/// <summary>Wakes the one thread that waits for it. A signal that comes before the wait is not lost.</summary>
internal sealed class Signal
{
    // Never disposed: a timer or a thread that ends late may still set it, and the process ends with it anyway.
    private readonly AutoResetEvent _event = new(false);

    public void Set() => _event.Set();

    public void WaitOne() => _event.WaitOne();
}
