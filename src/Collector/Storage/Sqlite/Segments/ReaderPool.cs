using System.Diagnostics.CodeAnalysis;
using Collector.Storage.Sqlite.Driver;
using Microsoft.Data.Sqlite;

namespace Collector.Storage.Sqlite.Segments;

/// <summary>
/// The read-only connections of one segment: idle ones for the next question, and a count of those in use, so that
/// the file is switched or deleted only when no query reads it.
/// </summary>
internal sealed class ReaderPool(string path, IdleReaders idle, bool isImmutable, SegmentShape? partial = null)
{
    private static readonly TimeSpan _slice = TimeSpan.FromMilliseconds(20);

    // Monitor and not Lock: queries wait on it while the file is switched.
    private readonly object _gate = new();
    private int _inUse;
    private volatile bool _isImmutable = isImmutable;
    private volatile SegmentShape? _partial = partial;
    private bool _isClosing;
    private bool _isRetired;
    private Action? _freed;

    /// <summary>The segment is gone, or about to be: no reader is rented any more.</summary>
    public bool IsRetired
    {
        get
        {
            lock (_gate)
            {
                return _isRetired;
            }
        }
    }

    /// <summary>The file has left its WAL and never changes again.</summary>
    public bool IsImmutable => _isImmutable;

    /// <summary>No query reads it, and none will: the file may be deleted.</summary>
    public bool IsFree
    {
        get
        {
            lock (_gate)
            {
                return _isRetired && _inUse == 0;
            }
        }
    }

    /// <summary>A connection, to be given back by <see cref="Return"/>; false where the segment is gone.</summary>
    /// <param name="reader">The connection.</param>
    /// <param name="cancellation">Ends the wait while the file is about to be switched.</param>
    /// <exception cref="SqliteException">The file can't be opened.</exception>
    public bool TryRent([NotNullWhen(true)] out SegmentReader? reader, CancellationToken cancellation = default)
    {
        reader = null;
        bool immutable;
        lock (_gate)
        {
            while (_isClosing && !_isRetired)
            {
                cancellation.ThrowIfCancellationRequested();
                // In slices: a token that woke us would have to take the gate on its canceller's thread.
                Monitor.Wait(_gate, _slice);
            }

            if (_isRetired)
            {
                return false;
            }

            _inUse++;
            immutable = _isImmutable;
        }

        try
        {
            reader = idle.TryTake(this, out var pooled) ? pooled : SegmentReader.Open(path, immutable, _partial);
            return true;
        }
        catch
        {
            Leave();
            throw;
        }
    }

    public void Return(SegmentReader reader)
    {
        lock (_gate)
        {
            // Under the gate: a thread that waits until no query reads must not find it among the idle ones afterwards.
            if (_isRetired || _isClosing)
            {
                reader.Dispose();
            }
            else
            {
                idle.Add(this, reader);
            }
        }

        Leave();
    }

    /// <summary>For a connection that is of no further use.</summary>
    public void Discard(SegmentReader reader)
    {
        reader.Dispose();
        Leave();
    }

    /// <summary>
    /// Waits until no query reads, letting new ones in during the first part of the wait and none in the last, and
    /// does the work while nothing else has the file open. What is rented afterwards is opened as immutable if the work says so.
    /// </summary>
    /// <param name="polite">How long queries go first.</param>
    /// <param name="strict">How long those that run may take to end.</param>
    /// <param name="work">Switches the file; true where it is immutable now.</param>
    /// <returns>False where queries read all the time, or the segment is gone.</returns>
    public bool TryAlone(TimeSpan polite, TimeSpan strict, Func<bool> work)
    {
        lock (_gate)
        {
            if (!WaitUntilUnused(polite))
            {
                _isClosing = true;
            }

            try
            {
                if (_isRetired || !WaitUntilUnused(strict))
                {
                    return false;
                }

                idle.Clear(this);
                _isImmutable = work();
                return _isImmutable;
            }
            finally
            {
                _isClosing = false;
                Monitor.PulseAll(_gate);
            }
        }
    }

    /// <summary>The file has become whole: what is opened from here on finds all of it.</summary>
    public void BecameWhole() => _partial = null;

    /// <summary>From now on none is rented; queries that read go on to their end.</summary>
    /// <param name="freed">Called when the last of them has.</param>
    public void Retire(Action? freed = null)
    {
        lock (_gate)
        {
            _isRetired = true;
            _freed = freed;
            idle.Clear(this);
            Monitor.PulseAll(_gate);
        }
    }

    private bool WaitUntilUnused(TimeSpan timeout) =>
        _inUse == 0 || (timeout > TimeSpan.Zero && Monitor.Wait(_gate, timeout) && _inUse == 0);

    private void Leave()
    {
        Action? freed = null;
        lock (_gate)
        {
            if (--_inUse == 0)
            {
                Monitor.PulseAll(_gate);
                freed = _isRetired ? _freed : null;
            }
        }

        freed?.Invoke();
    }
}
