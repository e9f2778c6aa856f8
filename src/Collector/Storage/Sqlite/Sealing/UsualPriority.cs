using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace Collector.Storage.Sqlite.Sealing;

/// <summary>
/// A thread for pieces of work of another one that has lowered its priority, which the system does not let it raise
/// again. Its priority is that of whoever starts it.
/// </summary>
internal sealed class UsualPriority : IDisposable
{
    private readonly BlockingCollection<Task> _work = [];
    private readonly Thread _thread;

    public UsualPriority(string name) => _thread = new Thread(Run) { Name = name, IsBackground = true };

    public void Start() => _thread.Start();

    /// <summary>Does the work on the other thread and waits for it; what it throws is thrown here.</summary>
    public void Do(Action work)
    {
        var task = new Task(work);
        _work.Add(task);
        ((IAsyncResult)task).AsyncWaitHandle.WaitOne();
        if (task.Exception?.InnerException is { } error)
        {
            ExceptionDispatchInfo.Throw(error);
        }
    }

    public void Dispose()
    {
        _work.CompleteAdding();
        if (_thread.IsAlive)
        {
            _thread.Join();
        }

        _work.Dispose();
    }

    private void Run()
    {
        foreach (var task in _work.GetConsumingEnumerable())
        {
            // Keeps what is thrown for the one who waits.
            task.RunSynchronously();
        }
    }
}
