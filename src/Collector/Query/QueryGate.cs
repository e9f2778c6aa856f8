using Collector.Storage;

namespace Collector.Query;

/// <summary>
/// Runs queries off the request threads: only so many at once, each within its time, and none for a caller that left. It
/// is the one bound on them. What can't be answered in time is answered 503, and so is at once what would only wait behind
/// many others, so that slow queries never pile up.
/// </summary>
/// <param name="options">The time limit, waiting for a place included.</param>
/// <param name="clock">Times it.</param>
/// <param name="places">Queries at once.</param>
/// <param name="maxWaiting">Queries that may wait for a place.</param>
/// <param name="niceness">Of the threads they run on.</param>
internal sealed class QueryGate(QueryOptions options, TimeProvider clock, int places, int maxWaiting, int niceness) : IDisposable
{
    private readonly SemaphoreSlim _places = new(places);
    private readonly QueryThreads _threads = new(places, niceness);
    private int _inside;

    /// <summary>Null where it was answered; else the problem. Throws only when the caller has left.</summary>
    public async Task<Problem?> RunAsync(Action<CancellationToken> ask, CancellationToken caller)
    {
        try
        {
            return Interlocked.Increment(ref _inside) > places + maxWaiting
                ? Problem.Busy($"{places} questions are being answered and {maxWaiting} wait already. Ask again later.")
                : await AskAsync(ask, caller);
        }
        finally
        {
            Interlocked.Decrement(ref _inside);
        }
    }

    public void Dispose()
    {
        _threads.Dispose();
        _places.Dispose();
    }

    private async Task<Problem?> AskAsync(Action<CancellationToken> ask, CancellationToken caller)
    {
        using var timeout = new CancellationTokenSource(options.Timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, caller);
        try
        {
            await _places.WaitAsync(either.Token);
            try
            {
                await _threads.RunAsync(() => ask(either.Token));
                return null;
            }
            finally
            {
                _places.Release();
            }
        }
        catch (OperationCanceledException) when (!caller.IsCancellationRequested)
        {
            return Problem.Busy($"The answer took longer than Query:Timeout ({options.Timeout:c}). Ask for less time or fewer rows, or later.");
        }
        catch (StoreUnavailableException error)
        {
            return error.IsBusy ? Problem.Busy(error.Message) : Problem.Unreadable(error.Message);
        }
    }
}
