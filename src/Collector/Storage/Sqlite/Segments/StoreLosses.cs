using System.Collections.Concurrent;

namespace Collector.Storage.Sqlite.Segments;

/// <summary>
/// Losses on their way to the ledger. Whoever appends takes them, counts them, and commits the changed accounts; that commit
/// ends what was remembered of them on disk. So a crash in between counts them at the next start, and none is counted twice
/// but after a kill in the very moment between that commit and the end of its file.
/// </summary>
internal sealed class StoreLosses
{
    private readonly ConcurrentQueue<(StoreLoss Loss, Action Kept)> _found = new();

    // The appending thread's.
    private readonly List<Action> _taken = [];

    public bool IsWaiting => !_found.IsEmpty;

    /// <param name="loss">What is lost.</param>
    /// <param name="kept">Called once it is kept with the data.</param>
    public void Add(StoreLoss loss, Action kept) => _found.Enqueue((loss, kept));

    /// <summary>What was kept of the accounts could not be read where the next segment takes them over from.</summary>
    public void AddAccounts() => Add(new StoreLoss([], AllAccounts: true), static () => { });

    /// <summary>What is to be counted before the next commit.</summary>
    public IReadOnlyList<StoreLoss> Take()
    {
        if (_found.IsEmpty)
        {
            return [];
        }

        var losses = new List<StoreLoss>();
        while (_found.TryDequeue(out var found))
        {
            losses.Add(found.Loss);
            _taken.Add(found.Kept);
        }

        return losses;
    }

    /// <summary>A commit has kept all that was taken.</summary>
    public void Kept()
    {
        foreach (var kept in _taken)
        {
            kept();
        }

        _taken.Clear();
    }
}
