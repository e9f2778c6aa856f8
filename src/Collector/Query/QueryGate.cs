using Collector.Diagnostics;
using Collector.Limits;
using Collector.Storage;

namespace Collector.Query;

/// <summary>
/// Runs queries off the request threads: only so many at once, in turn by address, each within its time, and none for a
/// caller that left. It is the one bound on them. What can't be answered in time is answered 503, and so is at once what
/// would only wait behind many others, so that slow queries never pile up.
/// </summary>
/// <param name="bounds">How many, and on what threads.</param>
/// <param name="options">The time limit, waiting for a place included.</param>
/// <param name="answers">Memory for answers that wait to be read.</param>
/// <param name="metrics">Counts who was refused.</param>
/// <param name="clock">Times it.</param>
internal sealed class QueryGate(GateBounds bounds, QueryOptions options, Places answers, CollectorMetrics metrics, TimeProvider clock)
    : IDisposable
{
    private readonly Turns _turns = new(bounds.Places, bounds.MaxWaiting);
    private readonly QueryThreads _threads = new(bounds.Places, bounds.Niceness);

    /// <summary>Null where it was answered; else the problem. Throws only when the caller has left.</summary>
    public async Task<Problem?> RunAsync(Action<CancellationToken> ask, HttpContext context)
    {
        var caller = context.RequestAborted;
        using var timeout = new CancellationTokenSource(options.Timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, caller);
        try
        {
            var answer = await _turns.TakeAsync(Share.OwnerOf(context.Connection.RemoteIpAddress), either.Token);
            if (answer.Turn is not { } turn)
            {
                return Refuse(answer.IsOfAddress);
            }

            using (turn)
            {
                await _threads.RunAsync(() => ask(either.Token));
                return null;
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

    /// <summary>
    /// Memory for an answer until its caller has read it; null, and the problem, where callers that don't read have all of it.
    /// </summary>
    public IDisposable? Hold(HttpContext context, long bytes, out Problem? problem)
    {
        // It is there twice: as it was written, and on its way.
        var held = answers.TryTake(context.Connection.RemoteIpAddress, out var refusal, (int)Math.Min(1 + (bytes >> 9), int.MaxValue));
        problem = refusal is null ? null : Problem.Busy(refusal.Message);
        return held;
    }

    public void Dispose() => _threads.Dispose();

    private Problem Refuse(bool isOfAddress)
    {
        var refusal = new Refusal($"waiting {bounds.What}", bounds.Setting, bounds.MaxWaiting, isOfAddress);
        metrics.PlaceRefused("questions", refusal.Reason);
        return Problem.Busy(refusal.Message);
    }
}

/// <param name="What">The questions, in the plural.</param>
/// <param name="Setting">Says how many may wait.</param>
/// <param name="Places">Queries at once.</param>
/// <param name="MaxWaiting">Queries that may wait for a place.</param>
/// <param name="Niceness">Of the threads they run on.</param>
internal sealed record GateBounds(string What, string Setting, int Places, int MaxWaiting, int Niceness);
