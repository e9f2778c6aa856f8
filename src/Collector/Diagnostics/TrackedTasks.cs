using System.Collections.Concurrent;

namespace Collector.Diagnostics;

/// <summary>
/// The one place that starts work which its caller does not await: its failure is reported, and the end of the process
/// waits for it.
/// </summary>
/// <param name="onFailure">Called with the name and the cause, once for each task that fails.</param>
internal sealed class TrackedTasks(Action<string, Exception> onFailure)
{
    private readonly ConcurrentDictionary<long, Task> _running = new();
    private long _last;

    /// <summary>Those that have not ended.</summary>
    public int Count => _running.Count;

    public void Start(string name, Func<Task> work)
    {
        var id = Interlocked.Increment(ref _last);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _running[id] = ended.Task;
        _ = Task.Run(() => ObserveAsync(id, name, work, ended));
    }

    /// <summary>Waits for all, those included that are started meanwhile.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled before they had ended; they go on.</exception>
    public async Task DrainAsync(CancellationToken cancellation)
    {
        while (!_running.IsEmpty)
        {
            await Task.WhenAll(_running.Values).WaitAsync(cancellation);
        }
    }

    // Throws only what onFailure throws: no caller awaits its task.
    private async Task ObserveAsync(long id, string name, Func<Task> work, TaskCompletionSource ended)
    {
        try
        {
            await work();
        }
        catch (OperationCanceledException)
        {
            // It was stopped.
        }
        catch (Exception error)
        {
            onFailure(name, error);
        }
        finally
        {
            _running.TryRemove(id, out _);
            ended.SetResult();
        }
    }
}
