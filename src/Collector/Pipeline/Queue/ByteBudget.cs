namespace Collector.Pipeline.Queue;

/// <summary>
/// The bytes that all requests together may hold in memory. They take them step by step, as their bytes arrive, and wait
/// where there are none; so requests that hold some wait for others that hold some. Five rules keep that from becoming for
/// ever, and small requests out of it:
/// <para>(1) The last eighth is for small ones, which hold a sixty-fourth of the budget at most.</para>
/// <para>(2) What a request takes beyond its <see cref="Share"/>, a quarter, only one request takes at a time. Who waits is
/// served in this order: small ones, that large one, all others.</para>
/// <para>(3) Among these, in order of arrival; a step that does not fit lets smaller ones pass for half of the timeout.</para>
/// <para>(4) While somebody has waited for a second, once a second some give way and are told to come again: a body that holds
/// much and has stalled (the large one only when nobody who waited before it stalled can hold it up any more); else, of those
/// that wait with something in their hands, the last quarter that came, those beyond their share first.</para>
/// <para>(5) Nobody waits longer than the timeout for a step.</para>
/// Safe for any number of threads.
/// </summary>
/// <param name="maxBytes">The bound.</param>
/// <param name="timeout">Longest wait of <see cref="TakeAsync"/>.</param>
/// <param name="clock">Times the wait.</param>
internal sealed class ByteBudget(long maxBytes, TimeSpan timeout, TimeProvider clock)
{
    // A body that takes its next step no sooner holds what others could use. Its steps double up to 1 MiB.
    private static readonly TimeSpan _stalled = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _relief = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly LinkedList<Waiter> _waiters = new();

    // Those whose senders keep them waiting.
    private readonly HashSet<ByteLease> _arriving = [];
    private ByteLease? _large;
    private long _used;
    private long? _fullSince;
    private long? _contendedAt;
    private long _relievedAt;

    public long MaxBytes => maxBytes;

    /// <summary>What a request may have without asking whether others need it.</summary>
    public long Share => maxBytes / 4;

    /// <summary>What a request may have when it is alone.</summary>
    public long MostOfOne => maxBytes - (maxBytes / 8);

    public long Used => Interlocked.Read(ref _used);

    /// <summary>For how long no request within its share has got what it asked for.</summary>
    public TimeSpan FullFor
    {
        get
        {
            lock (_gate)
            {
                return _fullSince is { } since ? clock.GetElapsedTime(since) : TimeSpan.Zero;
            }
        }
    }

    /// <summary>
    /// Somebody waits for memory, or did within the timeout: what a sender still has to send may be held up by that, where it
    /// shares a connection with requests that wait.
    /// </summary>
    public bool IsContended
    {
        get
        {
            lock (_gate)
            {
                return _waiters.Count > 0 || (_contendedAt is { } at && clock.GetElapsedTime(at) < timeout);
            }
        }
    }

    /// <summary>Takes the bytes at once or not at all.</summary>
    public bool TryTake(ByteLease lease, long bytes)
    {
        lock (_gate)
        {
            if (!HasRoom(lease, bytes))
            {
                NoteFull(lease, bytes);
                return false;
            }

            Grant(lease, bytes);
            return true;
        }
    }

    /// <summary>Takes the bytes, and waits until they are free; false after the timeout, or when it is to give way.</summary>
    /// <exception cref="OperationCanceledException">The caller left; nothing was taken.</exception>
    public ValueTask<bool> TakeAsync(ByteLease lease, long bytes, CancellationToken cancellation)
    {
        Waiter waiter;
        lock (_gate)
        {
            if (lease.Held + bytes > MostOfOne)
            {
                return new(false);
            }

            var size = SizeOf(lease, bytes);
            _large ??= size == Size.Large ? lease : null;
            if (IsNext(size) && MayHave(lease, bytes))
            {
                Grant(lease, bytes);
                return new(true);
            }

            NoteFull(lease, bytes);
            waiter = new Waiter(lease, bytes, clock.GetTimestamp());
            _waiters.AddLast(waiter);
            _contendedAt = waiter.Since;
        }

        return WaitAsync(waiter, cancellation);
    }

    public void Give(ByteLease lease, long bytes)
    {
        lock (_gate)
        {
            GiveLocked(lease, bytes);
        }
    }

    /// <summary>Gives back what is left over; the lease takes nothing more in its turn.</summary>
    public void Settle(ByteLease lease, long rest)
    {
        lock (_gate)
        {
            _arriving.Remove(lease);
            _large = _large == lease ? null : _large;
            GiveLocked(lease, rest);
        }
    }

    /// <summary>Its sender keeps it waiting: from now on it may be told to give way.</summary>
    public void BeginArrival(ByteLease lease)
    {
        lock (_gate)
        {
            _arriving.Add(lease);
        }
    }

    /// <summary>Nothing more arrives.</summary>
    public void EndArrival(ByteLease lease)
    {
        lock (_gate)
        {
            _arriving.Remove(lease);
        }
    }

    private void GiveLocked(ByteLease lease, long bytes)
    {
        lease.Held -= bytes;
        _used -= bytes;
        GrantWaiters();
        if (_used <= maxBytes - (maxBytes / 16) && !IsOrdinaryWaiting())
        {
            _fullSince = null;
        }
    }

    private async ValueTask<bool> WaitAsync(Waiter waiter, CancellationToken cancellation)
    {
        while (timeout - clock.GetElapsedTime(waiter.Since) is var left && left > TimeSpan.Zero)
        {
            try
            {
                return await waiter.Granted.Task.WaitAsync(left < _relief ? left : _relief, clock, cancellation);
            }
            catch (TimeoutException)
            {
                Relieve();
            }
            catch (OperationCanceledException)
            {
                if (!TryLeave(waiter) && await waiter.Granted.Task)
                {
                    Give(waiter.Lease, waiter.Bytes);
                }

                throw;
            }
        }

        return !TryLeave(waiter) && await waiter.Granted.Task;
    }

    private Size SizeOf(ByteLease lease, long bytes) =>
        lease.Held + bytes is var size && size > Share ? Size.Large : size > maxBytes / 64 ? Size.Medium : Size.Small;

    private bool HasRoom(ByteLease lease, long bytes) =>
        _used + bytes <= (SizeOf(lease, bytes) == Size.Small ? maxBytes : MostOfOne);

    private bool MayHave(ByteLease lease, long bytes) =>
        HasRoom(lease, bytes) && (SizeOf(lease, bytes) != Size.Large || _large == lease);

    // Nobody waits whom it would overtake.
    private bool IsNext(Size size)
    {
        foreach (var waiter in _waiters)
        {
            var other = SizeOf(waiter.Lease, waiter.Bytes);
            var isBefore = other == size ? size != Size.Large && HoldsOthersBack(waiter) : other == Size.Small || (waiter.Lease == _large && size == Size.Medium);
            if (isBefore)
            {
                return false;
            }
        }

        return true;
    }

    private void Grant(ByteLease lease, long bytes)
    {
        var isOrdinary = SizeOf(lease, bytes) != Size.Large;
        _used += bytes;
        lease.Held += bytes;
        lease.SteppedAt = clock.GetTimestamp();
        if (isOrdinary && _fullSince is not null && !IsOrdinaryWaiting())
        {
            _fullSince = null;
        }
    }

    private void NoteFull(ByteLease lease, long bytes)
    {
        if (SizeOf(lease, bytes) != Size.Large)
        {
            _fullSince ??= clock.GetTimestamp();
        }
    }

    private bool IsOrdinaryWaiting()
    {
        foreach (var waiter in _waiters)
        {
            if (SizeOf(waiter.Lease, waiter.Bytes) != Size.Large)
            {
                return true;
            }
        }

        return false;
    }

    private void GrantWaiters()
    {
        if (_waiters.Count > 0)
        {
            GrantWaiters(Size.Small);
            if (!GrantWaiters(Size.Large))
            {
                GrantWaiters(Size.Medium);
            }
        }
    }

    // True: the large one that may go on is left waiting.
    private bool GrantWaiters(Size size)
    {
        var isLargeWaiting = false;
        for (var node = _waiters.First; node is not null;)
        {
            var (next, waiter) = (node.Next, node.Value);
            if (SizeOf(waiter.Lease, waiter.Bytes) == size)
            {
                if (size == Size.Large)
                {
                    _large ??= waiter.Lease;
                }

                if (MayHave(waiter.Lease, waiter.Bytes))
                {
                    _waiters.Remove(node);
                    _contendedAt = clock.GetTimestamp();
                    Grant(waiter.Lease, waiter.Bytes);
                    waiter.Granted.SetResult(true);
                }
                else
                {
                    isLargeWaiting |= waiter.Lease == _large;
                    next = size != Size.Large && HoldsOthersBack(waiter) ? null : next;
                }
            }

            node = next;
        }

        return isLargeWaiting;
    }

    // Waiters are in order of arrival, so those that have waited for half of the timeout come first.
    private bool HoldsOthersBack(Waiter waiter) => clock.GetElapsedTime(waiter.Since) >= timeout / 2;

    private void Relieve()
    {
        ByteLease? stalled = null;
        lock (_gate)
        {
            if (_waiters.Count == 0 || clock.GetElapsedTime(_relievedAt) < _relief)
            {
                return;
            }

            _relievedAt = clock.GetTimestamp();
            stalled = FindStalled();
            if (stalled is not null)
            {
                _arriving.Remove(stalled);
            }
            else if (!RefuseLast(static size => size == Size.Large))
            {
                RefuseLast(static size => size != Size.Large);
            }
        }

        // Not within the lock: what waits for its bytes goes on in here.
        stalled?.GiveWay();
    }

    private ByteLease? FindStalled()
    {
        ByteLease? most = null;
        foreach (var lease in _arriving)
        {
            // Those that wait may hold up the large one: on one connection, what they have not read is in its way. They leave
            // within the timeout, and only from then on it is its sender that is slow.
            var patience = lease == _large ? _stalled + timeout : _stalled;
            var holdsMore = lease.Held > 0 && lease.Held > (most?.Held ?? 0);
            most = holdsMore && clock.GetElapsedTime(lease.SteppedAt) >= patience ? lease : most;
        }

        return most;
    }

    // A quarter of them, or of many it would take minutes. One that is the only one that waits would wait for nobody.
    private bool RefuseLast(Func<Size, bool> isOfSize)
    {
        var those = new List<LinkedListNode<Waiter>>();
        for (var node = _waiters.Last; node is not null && _waiters.Count > 1; node = node.Previous)
        {
            var waiter = node.Value;
            if (waiter.Lease.Held > 0 && waiter.Lease != _large && isOfSize(SizeOf(waiter.Lease, waiter.Bytes)))
            {
                those.Add(node);
            }
        }

        foreach (var node in those.Take((those.Count + 3) / 4))
        {
            _waiters.Remove(node);
            node.Value.Granted.SetResult(false);
        }

        return those.Count > 0;
    }

    // False: its end came first.
    private bool TryLeave(Waiter waiter)
    {
        lock (_gate)
        {
            var left = _waiters.Remove(waiter);
            _contendedAt = clock.GetTimestamp();
            if (left)
            {
                // The next one may be smaller and fit.
                GrantWaiters();
            }

            return left;
        }
    }

    // Of a request with the step that it asks for.
    private enum Size
    {
        Small,
        Medium,
        Large,
    }

    private sealed class Waiter(ByteLease lease, long bytes, long since)
    {
        public ByteLease Lease { get; } = lease;

        public long Since { get; } = since;

        public long Bytes { get; } = bytes;

        /// <summary>False: it is to give way.</summary>
        public TaskCompletionSource<bool> Granted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
