using System.Collections.Concurrent;
using Collector.Storage;

namespace Collector.Query;

/// <summary>
/// Threads of low priority, on which queries run: where these want more than there is, the writer goes first, and with it
/// the producers that wait for their acknowledgement. They begin as they are needed; a thread's priority can't be raised again, so that
/// the pool's own are of no use here.
/// </summary>
/// <param name="max">Queries at once; the caller keeps to it.</param>
/// <param name="niceness">Their priority.</param>
internal sealed class QueryThreads(int max, int niceness) : IDisposable
{
    private readonly BlockingCollection<Task> _questions = [];
    private int _threads;

    // Threads that wait, less queries that none has taken yet.
    private int _free;

    /// <summary>Completes as the question does; what waits for it goes on elsewhere.</summary>
    public Task RunAsync(Action query)
    {
        var task = new Task(query, TaskCreationOptions.RunContinuationsAsynchronously);
        if (Interlocked.Decrement(ref _free) < 0 && Interlocked.Increment(ref _threads) <= max)
        {
            Interlocked.Increment(ref _free);
            new Thread(Run) { Name = "collector-question", IsBackground = true }.Start();
        }

        _questions.Add(task);
        return task;
    }

    /// <summary>Ends the threads when what was asked is answered.</summary>
    public void Dispose() => _questions.CompleteAdding();

    private void Run()
    {
        ThreadNiceness.Lower(niceness);
        foreach (var query in _questions.GetConsumingEnumerable())
        {
            query.RunSynchronously();
            Interlocked.Increment(ref _free);
        }
    }
}
