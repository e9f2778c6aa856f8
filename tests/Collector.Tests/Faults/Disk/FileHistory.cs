namespace Collector.Tests.Faults.Disk;

/// <summary>
/// What was done to a file since its last sync that worked, with what was there before, so that a loss of power can take
/// it back. A sync that failed saves nothing and forgets: as Linux does it, a later one that works no longer writes those
/// pages, so they stay lost unless they are written again.
/// </summary>
internal sealed class FileHistory
{
    // A disk writes such a piece whole or not at all.
    private const int Sector = 512;

    private readonly List<Change> _changes = [];

    /// <summary>Nothing of it was ever synced: even its name may be gone.</summary>
    public bool IsUnsaved { get; set; }

    public void Written(long offset, byte[] before, byte[] after, long sizeBefore)
    {
        Cover(offset, offset + after.Length);
        _changes.Add(new Change(offset, before, after, sizeBefore));
    }

    /// <param name="size">The new one.</param>
    /// <param name="cut">What stood behind it.</param>
    public void Truncated(long size, byte[] cut)
    {
        Cover(size, long.MaxValue);
        _changes.Add(new Change(size, cut, null, size + cut.Length));
    }

    public void Synced()
    {
        IsUnsaved = false;
        _changes.RemoveAll(static change => !change.IsForgotten || change.IsCovered);
    }

    public void SyncFailed() => _changes.ForEach(static change => (change.IsForgotten, change.IsCovered) = (true, false));

    /// <summary>The file after a loss of power.</summary>
    /// <param name="content">As it reads now.</param>
    /// <param name="random">Decides what of the unsynced reached the disk.</param>
    /// <param name="survival">Share of what was not synced and not forgotten that reached it all the same.</param>
    public byte[] AfterPowerLoss(byte[] content, Random random, double survival)
    {
        using var file = new MemoryStream();
        file.Write(content);
        for (var i = _changes.Count - 1; i >= 0; i--)
        {
            _changes[i].Undo(file);
        }

        foreach (var change in _changes)
        {
            change.Redo(file, random, change.IsForgotten ? 0 : survival);
        }

        return file.ToArray();
    }

    // What was forgotten is no loss any more once what took its place is synced.
    private void Cover(long from, long to)
    {
        foreach (var change in _changes)
        {
            change.IsCovered |= change.IsForgotten && change.Offset >= from && change.Offset + change.Length <= to;
        }
    }

    private sealed class Change(long offset, byte[] before, byte[]? after, long sizeBefore)
    {
        public long Offset => offset;

        public long Length => after?.Length ?? before.Length;

        public bool IsForgotten { get; set; }

        public bool IsCovered { get; set; }

        public void Undo(MemoryStream file)
        {
            file.Position = offset;
            file.Write(before);
            file.SetLength(sizeBefore);
        }

        public void Redo(MemoryStream file, Random random, double survival)
        {
            if (after is null)
            {
                if (random.NextDouble() < survival)
                {
                    file.SetLength(offset);
                }

                return;
            }

            for (var start = 0; start < after.Length; start += Sector)
            {
                if (random.NextDouble() < survival)
                {
                    file.Position = offset + start;
                    file.Write(after, start, Math.Min(Sector, after.Length - start));
                }
            }
        }
    }
}
