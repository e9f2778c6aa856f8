using Collector.Diagnostics;
using Collector.Model;
using Collector.Storage;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;

namespace Collector.Pipeline.Write;

/// <summary>
/// The store behind retries and a circuit breaker: what fails for a passing reason is tried again, with growing pauses;
/// a store that goes on failing is left alone for a while. Each attempt is measured. The writer's thread calls it; any
/// thread may read how it fares.
///
/// What nobody foresaw (an exception out of the store: memory that ran out, a bug) is tried again like what passes. Where it
/// goes on, a group of several is stored one by one, so that only one of them can be its cause; a single request waits in
/// the spool and comes again from there, and is rejected for good when it has failed so in <see cref="MaxUnforeseen"/> rounds
/// and the store takes a transaction without it: a request that breaks the store's code must not stand before the others
/// for ever, and a store that is broken for all must not cost the first of them.
/// </summary>
internal sealed partial class ResilientAppender
{
    /// <summary>Rounds in which one request may end in an unforeseen error.</summary>
    public const int MaxUnforeseen = 3;

    // Of those that are counted; there is one at a time, or the store's code is broken for all.
    private const int MaxSuspects = 64;

    private static readonly TimeSpan _breakDuration = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _memory = TimeSpan.FromSeconds(3);

    private readonly ILogAppender _store;
    private readonly CollectorMetrics _metrics;
    private readonly TimeProvider _clock;
    private readonly ILogger<ResilientAppender> _log;
    private readonly ResiliencePipeline<Attempt> _pipeline;

    // The writer's thread's own.
    private readonly Dictionary<LogId, int> _suspects = [];
    private bool _isRetryingSaid;
    private long _retriesBefore;

    // Written by the writer's thread, read by the spool's.
    private long _busySince;
    private volatile bool _isFailing;
    private string? _failure;
    private long _retries;

    public ResilientAppender(
        ILogAppender store, RetryOptions options, CollectorMetrics metrics, TimeProvider clock, ILogger<ResilientAppender> log)
    {
        _store = store;
        _metrics = metrics;
        _clock = clock;
        _log = log;
        _pipeline = Build(options);
    }

    /// <summary>The last write failed although it was tried again.</summary>
    public bool IsFailing => _isFailing;

    /// <summary>Why; null while all is well.</summary>
    public string? Failure => Volatile.Read(ref _failure);

    /// <summary>Retries, since the start.</summary>
    public long Retries => Interlocked.Read(ref _retries);

    /// <summary>How long the running call of the store has taken so far; zero where none runs.</summary>
    public TimeSpan BusyFor
    {
        get
        {
            var since = Interlocked.Read(ref _busySince);
            return since == 0 ? TimeSpan.Zero : _clock.GetElapsedTime(since);
        }
    }

    /// <inheritdoc cref="ILogAppender.Append"/>
    public AppendResult Append(AppendGroup group)
    {
        Begin();
        try
        {
            var attempt = _pipeline.Execute(static state => state.Self.Try(state.Group), (Self: this, Group: group));
            var result = attempt.Unforeseen is null ? attempt.Answer : Judge(group, attempt.Unforeseen);
            Note(result);
            return result;
        }
        catch (BrokenCircuitException)
        {
            return new AppendResult(AppendStatus.Transient, $"the store is left alone for a while: {_failure}");
        }
        finally
        {
            End();
        }
    }

    /// <inheritdoc cref="ILogAppender.Contains"/>
    public bool? Contains(LogId firstLogId)
    {
        Begin();
        try
        {
            return _store.Contains(firstLogId);
        }
        finally
        {
            End();
        }
    }

    /// <inheritdoc cref="ILogAppender.HasLosses"/>
    public bool HasLosses => _store.HasLosses;

    /// <inheritdoc cref="ILogAppender.TakeLosses"/>
    public IReadOnlyList<StoreLoss> TakeLosses() => _store.TakeLosses();

    private Attempt Try(AppendGroup group)
    {
        var since = _clock.GetTimestamp();
        var attempt = Call(group);
        _metrics.CommitEnded(_clock.GetElapsedTime(since), LabelOf(attempt.Answer.Status));
        return attempt;
    }

    private Attempt Call(AppendGroup group)
    {
        try
        {
            return new Attempt(_store.Append(group), null);
        }
        catch (Exception error) when (error is not BrokenCircuitException)
        {
            return new Attempt(new AppendResult(AppendStatus.Transient, $"an unforeseen error: {error.Message}"), error);
        }
    }

    // Permanent: of a group, that each is to be tried by itself; of a request, that it had its rounds.
    private AppendResult Judge(AppendGroup group, Exception error)
    {
        Threw(group.Batches.Count, error);
        if (group.Batches.Count > 1)
        {
            return new AppendResult(AppendStatus.Permanent, $"an unforeseen error: {error.Message}");
        }

        return group.Batches.Count == 1 && HadItsRounds(group.Batches[0].FirstLogId)
            ? new AppendResult(AppendStatus.Permanent, $"storing it ended in an unforeseen error {MaxUnforeseen} times: {error.Message}")
            : new AppendResult(AppendStatus.Transient, $"an unforeseen error: {error.Message}");
    }

    private bool HadItsRounds(LogId request)
    {
        var rounds = _suspects.GetValueOrDefault(request) + 1;
        if (rounds >= MaxUnforeseen && Call(new AppendGroup()).Answer.Status == AppendStatus.Committed)
        {
            _suspects.Remove(request);
            return true;
        }

        if (_suspects.Count >= MaxSuspects)
        {
            _suspects.Clear();
        }

        _suspects[request] = rounds;
        return false;
    }

    private static string LabelOf(AppendStatus status) => status switch
    {
        AppendStatus.Committed => "committed",
        AppendStatus.Transient => "transient",
        AppendStatus.Permanent => "permanent",
        _ => "fatal",
    };

    private void Begin() => Interlocked.Exchange(ref _busySince, Math.Max(1, _clock.GetTimestamp()));

    private void End() => Interlocked.Exchange(ref _busySince, 0);

    private static ValueTask<bool> IsPassing(Outcome<Attempt> outcome) =>
        ValueTask.FromResult(outcome is { Exception: null, Result.Answer.Status: AppendStatus.Transient });

    private static ValueTask<bool> IsFailure(Outcome<Attempt> outcome) =>
        ValueTask.FromResult(outcome is { Exception: null, Result.Answer: var result } && IsFailure(result));

    private static bool IsFailure(AppendResult result) => result.Status is AppendStatus.Transient or AppendStatus.Fatal;

    private ResiliencePipeline<Attempt> Build(RetryOptions options)
    {
        var builder = new ResiliencePipelineBuilder<Attempt> { TimeProvider = _clock };
        // Outside of the retries: two writes whose last attempt failed open it, one that succeeds closes it. A success of
        // more than a few seconds ago must not keep it closed.
        builder.AddCircuitBreaker(new CircuitBreakerStrategyOptions<Attempt>
        {
            ShouldHandle = static args => IsFailure(args.Outcome),
            FailureRatio = 1,
            MinimumThroughput = 2,
            SamplingDuration = _memory,
            BreakDuration = _breakDuration,
        });
        if (options.Attempts > 0)
        {
            builder.AddRetry(new RetryStrategyOptions<Attempt>
            {
                ShouldHandle = static args => IsPassing(args.Outcome),
                MaxRetryAttempts = options.Attempts,
                Delay = options.BaseDelay,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                OnRetry = args =>
                {
                    Interlocked.Increment(ref _retries);
                    SayRetrying(options.Attempts, args.Outcome.Result.Answer.Error);
                    return ValueTask.CompletedTask;
                },
            });
        }

        return builder.Build();
    }

    // Once, until a write succeeds at its first attempt: an outage of hours, or a store that stumbles at every write, says
    // nothing new each time.
    private void SayRetrying(int attempts, string? error)
    {
        if (!_isRetryingSaid)
        {
            _isRetryingSaid = true;
            Retrying(attempts, error);
        }
    }

    // Logged once when it begins and once when it is over, not once a record.
    private void Note(AppendResult result)
    {
        var failing = IsFailure(result);
        var retries = Retries - _retriesBefore;
        if (failing && !_isFailing)
        {
            Volatile.Write(ref _failure, result.Error);
            Exhausted(result.Status, result.Error);
        }
        else if (!failing && _isFailing)
        {
            Volatile.Write(ref _failure, null);
            Recovered(retries);
        }

        _isFailing = failing;
        if (!failing)
        {
            _isRetryingSaid &= retries > 0;
            _retriesBefore = Retries;
        }
    }

    /// <param name="Answer">What the store said; transient where it threw.</param>
    /// <param name="Unforeseen">What it threw; else null.</param>
    private readonly record struct Attempt(AppendResult Answer, Exception? Unforeseen);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A write failed and is tried again, up to {Attempts} times; further ones are counted and not said until one succeeds at once: {Error}")]
    private partial void Retrying(int attempts, string? error);

    [LoggerMessage(Level = LogLevel.Error, Message = "The store is unavailable ({Status}); requests are spooled until it is back: {Error}")]
    private partial void Exhausted(AppendStatus status, string? error);

    [LoggerMessage(Level = LogLevel.Error, Message = "Storing a group of {Requests} requests ended in an unforeseen error")]
    private partial void Threw(int requests, Exception error);

    [LoggerMessage(Level = LogLevel.Information, Message = "The store is back, after {Retries} retries")]
    private partial void Recovered(long retries);
}
