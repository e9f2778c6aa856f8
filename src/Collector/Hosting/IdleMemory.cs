using Collector.Storage.Sqlite.Sealing;

namespace Collector.Hosting;

/// <summary>
/// Gives memory back once a busy time is over. The runtime collects when something is allocated, so that a process
/// would otherwise keep through the night what its busiest minute needed.
/// </summary>
/// <param name="allocated">Bytes allocated since the start of the process.</param>
/// <param name="giveBack">Collects everything and gives back what is free; the process stands still meanwhile.</param>
/// <param name="clock">When to look.</param>
internal sealed class IdleMemory(Func<long> allocated, Action giveBack, TimeProvider clock) : IDisposable
{
    public static readonly TimeSpan Look = TimeSpan.FromSeconds(10);

    // Allocated between two looks; polling dashboards and Collector's own timers stay below.
    private const long Quiet = 4 << 20;

    // At once, and again when what the busy time left to do in the background has ended (a segment's sealing, say).
    private const int FirstTime = 1;
    private const int SecondTime = 6;

    private ITimer? _timer;
    private long _seen;
    private int _quietLooks;

    /// <summary>The process's own heaps; measured at 50 MB alive: 50 ms.</summary>
    public static IdleMemory OfProcess(TimeProvider clock) => new(static () => GC.GetTotalAllocatedBytes(), GiveBackHeaps, clock);

    public void Start() => _timer = clock.CreateTimer(static self => ((IdleMemory)self!).OnLook(), this, Look, Look);

    public void Dispose() => _timer?.Dispose();

    private static void GiveBackHeaps()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        NativeHeap.Trim();
    }

    private void OnLook()
    {
        var now = allocated();
        _quietLooks = now - _seen < Quiet ? Math.Min(_quietLooks + 1, SecondTime + 1) : 0;
        _seen = now;
        if (_quietLooks is FirstTime or SecondTime)
        {
            giveBack();
        }
    }
}
