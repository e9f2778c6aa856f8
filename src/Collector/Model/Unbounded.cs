namespace Collector.Model;

/// <summary>Allows everything: for a handful of bytes, or for what must go through whatever it takes.</summary>
internal sealed class Unbounded : IByteAllowance
{
    private Unbounded()
    {
    }

    public static Unbounded Instance { get; } = new();

    public bool TryTake(long bytes) => true;

    public void GiveBack(long bytes)
    {
    }
}
