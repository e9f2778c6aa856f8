using Collector.Model;
using Collector.Storage;

namespace Collector.Tests.Support;

/// <summary>A spool whose disk takes nothing while the test says so.</summary>
internal sealed class FailingSpool(ISpoolStore inner) : ISpoolStore
{
    private volatile string? _error;
    private volatile IReadOnlyList<Gap> _gaps = [];

    /// <summary>Why it takes nothing; null: it does.</summary>
    public string? Error { get => _error; set => _error = value; }

    /// <summary>As last kept.</summary>
    public IReadOnlyList<Gap> Gaps => _gaps;

    public long Bytes => inner.Bytes;

    public int SetAside => inner.SetAside;

    public SpoolMemory? Recall() => inner.Recall();

    public bool HasRoomFor(long bytes, out string? error) => inner.HasRoomFor(bytes, out error);

    public bool TryAppend(IReadOnlyList<SpoolEntry> entries, out string? error) =>
        (error = Error) is null && inner.TryAppend(entries, out error);

    public bool TryKeep(IReadOnlyList<AccountRecord> accounts, IReadOnlyList<Gap> gaps, out string? error)
    {
        if ((error = Error) is not null || !inner.TryKeep(accounts, gaps, out error))
        {
            return false;
        }

        _gaps = gaps;
        return true;
    }

    public SpoolEntry? ReadNext(long after) => inner.ReadNext(after);

    public void Done(long through) => inner.Done(through);

    public void Reject(SpoolEntry entry, string reason) => inner.Reject(entry, reason);

    public IReadOnlyList<SpooledRequest> TakeLost() => inner.TakeLost();

    public void TidyUp() => inner.TidyUp();

    public void Dispose() => inner.Dispose();
}
