using System.Collections.Concurrent;
using Collector.Storage.Sqlite.Sealing;

namespace Collector.Query;

/// <summary>
/// Threads of low priority, on which questions run: where these want more than there is, the writer and those who wait
/// for their acknowledgement go first. They begin as they are needed; a thread's priority can't be raised again, so that
/// the pool's own are of no use here.
/// </summary>
/// <param name="most">Questions at once; whoever asks keeps to it.</param>
/// <param name="niceness">Their priority.</param>
internal sealed class QuestionThreads(int most, int niceness) : IDisposable
{
    private readonly BlockingCollection<Task> _questions = [];
    private int _threads;

    // Threads that wait, less questions that none has taken yet.
    private int _free;

    /// <summary>Completes as the question does; what waits for it goes on elsewhere.</summary>
    public Task RunAsync(Action question)
    {
        var task = new Task(question, TaskCreationOptions.RunContinuationsAsynchronously);
        if (Interlocked.Decrement(ref _free) < 0 && Interlocked.Increment(ref _threads) <= most)
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
        foreach (var question in _questions.GetConsumingEnumerable())
        {
            question.RunSynchronously();
            Interlocked.Increment(ref _free);
        }
    }
}
