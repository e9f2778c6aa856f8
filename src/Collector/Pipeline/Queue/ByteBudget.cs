namespace Collector.Pipeline.Queue;

/// <summary>
/// The bytes that all requests together may hold in memory. A request that holds none yet may wait for its share; one
/// that holds some is given more at once or refused, so that no two wait for each other. Requests that wait are served in
/// order, but a share that does not fit lets smaller ones pass for half of its timeout. If it let them pass for longer,
/// it might never fit. Safe for any number of threads.
/// </summary>
internal sealed class ByteBudget
{
    private readonly Lock _gate = new();
    private readonly LinkedList<Waiter> _waiters = new();
    private readonly TimeProvider _clock;
    private readonly TimeSpan _timeout;
    private long _used;

    /// <param name="maxBytes">The bound.</param>
    /// <param name="timeout">Longest wait of <see cref="TakeAsync"/>.</param>
    /// <param name="clock">Times the wait.</param>
    public ByteBudget(long maxBytes, TimeSpan timeout, TimeProvider clock)
    {
        MaxBytes = maxBytes;
        _timeout = timeout;
        _clock = clock;
    }

    public long MaxBytes { get; }

    public long Used => Interlocked.Read(ref _used);

    /// <summary>Takes the bytes at once or not at all.</summary>
    public bool TryTake(long bytes)
    {
        lock (_gate)
        {
            if (_used + bytes > MaxBytes)
            {
                return false;
            }

            _used += bytes;
            return true;
        }
    }

    /// <summary>
    /// Takes the bytes, and waits until they are free; false after the timeout. A caller must hold nothing of this budget
    /// while it waits.
    /// </summary>
    /// <exception cref="OperationCanceledException">The caller left; nothing was taken.</exception>
    public async ValueTask<bool> TakeAsync(long bytes, CancellationToken cancellation)
    {
        Waiter waiter;
        lock (_gate)
        {
            if (!HoldsOthersBack(_waiters.First) && _used + bytes <= MaxBytes)
            {
                _used += bytes;
                return true;
            }

            waiter = new Waiter(bytes, _clock.GetTimestamp());
            _waiters.AddLast(waiter);
        }

        try
        {
            await waiter.Granted.Task.WaitAsync(_timeout, _clock, cancellation);
            return true;
        }
        catch (TimeoutException)
        {
            return !TryLeave(waiter);
        }
        catch (OperationCanceledException)
        {
            if (!TryLeave(waiter))
            {
                Give(bytes);
            }

            throw;
        }
    }

    public void Give(long bytes)
    {
        lock (_gate)
        {
            _used -= bytes;
            GrantWaiters();
        }
    }

    private void GrantWaiters()
    {
        for (var node = _waiters.First; node is not null;)
        {
            var next = node.Next;
            if (_used + node.Value.Bytes <= MaxBytes)
            {
                _used += node.Value.Bytes;
                _waiters.Remove(node);
                node.Value.Granted.SetResult();
            }
            else if (HoldsOthersBack(node))
            {
                break;
            }

            node = next;
        }
    }

    // Waiters are in order of arrival, so those that have waited for half of the timeout are the first ones.
    private bool HoldsOthersBack(LinkedListNode<Waiter>? waiter) =>
        waiter is not null && _clock.GetElapsedTime(waiter.Value.Since) >= _timeout / 2;

    // False: the grant came first, and the bytes are the caller's.
    private bool TryLeave(Waiter waiter)
    {
        lock (_gate)
        {
            var left = _waiters.Remove(waiter);
            if (left)
            {
                // The next one may be smaller and fit.
                GrantWaiters();
            }

            return left;
        }
    }

    private sealed class Waiter(long bytes, long since)
    {
        public long Since { get; } = since;

        public long Bytes { get; } = bytes;

        public TaskCompletionSource Granted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
