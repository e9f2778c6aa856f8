namespace Collector.Pipeline;

/// <summary>
/// The bytes that all requests together may hold in memory. Who holds nothing yet may wait for its share, in order of
/// asking; who holds some may only ask and be refused, so that no two can wait for each other.
/// </summary>
public sealed class ByteBudget
{
    private readonly Lock _gate = new();
    private readonly LinkedList<Waiter> _waiters = new();
    private readonly TimeProvider _clock;
    private readonly TimeSpan _patience;
    private long _used;

    /// <param name="maxBytes">The bound.</param>
    /// <param name="patience">Longest wait of <see cref="TakeAsync"/>.</param>
    /// <param name="clock">Times the wait.</param>
    public ByteBudget(long maxBytes, TimeSpan patience, TimeProvider clock)
    {
        MaxBytes = maxBytes;
        _patience = patience;
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
    /// Takes the bytes, waiting for those who asked before; false when patience ran out. A caller must hold nothing of
    /// this budget while it waits.
    /// </summary>
    /// <exception cref="OperationCanceledException">The caller left; nothing was taken.</exception>
    public async ValueTask<bool> TakeAsync(long bytes, CancellationToken cancellation)
    {
        Waiter waiter;
        lock (_gate)
        {
            if (_waiters.Count == 0 && _used + bytes <= MaxBytes)
            {
                _used += bytes;
                return true;
            }

            waiter = new Waiter(bytes);
            _waiters.AddLast(waiter);
        }

        try
        {
            await waiter.Granted.Task.WaitAsync(_patience, _clock, cancellation);
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
        while (_waiters.First is { } first && _used + first.Value.Bytes <= MaxBytes)
        {
            _used += first.Value.Bytes;
            _waiters.RemoveFirst();
            first.Value.Granted.SetResult();
        }
    }

    // False: the grant came first, and the bytes are the caller's.
    private bool TryLeave(Waiter waiter)
    {
        lock (_gate)
        {
            var left = _waiters.Remove(waiter);
            if (left)
            {
                // The one behind may be smaller and fit.
                GrantWaiters();
            }

            return left;
        }
    }

    private sealed class Waiter(long bytes)
    {
        public long Bytes { get; } = bytes;

        public TaskCompletionSource Granted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
