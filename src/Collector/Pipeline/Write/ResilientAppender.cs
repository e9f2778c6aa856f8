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
/// </summary>
internal sealed partial class ResilientAppender
{
    private static readonly TimeSpan _breakDuration = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _memory = TimeSpan.FromSeconds(3);

    private readonly ILogAppender _store;
    private readonly CollectorMetrics _metrics;
    private readonly TimeProvider _clock;
    private readonly ILogger<ResilientAppender> _log;
    private readonly ResiliencePipeline<AppendResult> _pipeline;

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
            var result = _pipeline.Execute(static state => state.Self.Try(state.Group), (Self: this, Group: group));
            Note(result);
            return result;
        }
        catch (Exception error) when (error is not BrokenCircuitException)
        {
            // Not transient: a request that breaks the store's code would be tried again for ever. It fails alone.
            Threw(error);
            return new AppendResult(AppendStatus.Permanent, error.Message);
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

    private AppendResult Try(AppendGroup group)
    {
        var since = _clock.GetTimestamp();
        var result = _store.Append(group);
        _metrics.CommitEnded(_clock.GetElapsedTime(since), LabelOf(result.Status));
        return result;
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

    private static ValueTask<bool> IsPassing(Outcome<AppendResult> outcome) =>
        ValueTask.FromResult(outcome is { Exception: null, Result.Status: AppendStatus.Transient });

    private static ValueTask<bool> IsFailure(Outcome<AppendResult> outcome) =>
        ValueTask.FromResult(outcome is { Exception: null, Result: var result } && IsFailure(result));

    private static bool IsFailure(AppendResult result) => result.Status is AppendStatus.Transient or AppendStatus.Fatal;

    private ResiliencePipeline<AppendResult> Build(RetryOptions options)
    {
        var builder = new ResiliencePipelineBuilder<AppendResult> { TimeProvider = _clock };
        // Outside of the retries: two writes whose last attempt failed open it, one that succeeds closes it. A success of
        // more than a few seconds ago must not keep it closed.
        builder.AddCircuitBreaker(new CircuitBreakerStrategyOptions<AppendResult>
        {
            ShouldHandle = static args => IsFailure(args.Outcome),
            FailureRatio = 1,
            MinimumThroughput = 2,
            SamplingDuration = _memory,
            BreakDuration = _breakDuration,
        });
        if (options.Attempts > 0)
        {
            builder.AddRetry(new RetryStrategyOptions<AppendResult>
            {
                ShouldHandle = static args => IsPassing(args.Outcome),
                MaxRetryAttempts = options.Attempts,
                Delay = options.BaseDelay,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                OnRetry = args =>
                {
                    Interlocked.Increment(ref _retries);
                    Retrying(args.AttemptNumber + 1, options.Attempts, args.RetryDelay.TotalMilliseconds, args.Outcome.Result.Error);
                    return ValueTask.CompletedTask;
                },
            });
        }

        return builder.Build();
    }

    // Logged once when it begins and once when it is over, not once a record.
    private void Note(AppendResult result)
    {
        var failing = IsFailure(result);
        if (failing && !_isFailing)
        {
            Volatile.Write(ref _failure, result.Error);
            Exhausted(result.Status, result.Error);
        }
        else if (!failing && _isFailing)
        {
            Volatile.Write(ref _failure, null);
            Recovered();
        }

        _isFailing = failing;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A write failed and is tried again ({Attempt} of {Attempts}, in {Pause:0} ms): {Error}")]
    private partial void Retrying(int attempt, int attempts, double pause, string? error);

    [LoggerMessage(Level = LogLevel.Error, Message = "The store is unavailable ({Status}); requests are spooled until it is back: {Error}")]
    private partial void Exhausted(AppendStatus status, string? error);

    [LoggerMessage(Level = LogLevel.Error, Message = "Storing a group failed with an unforeseen error")]
    private partial void Threw(Exception error);

    [LoggerMessage(Level = LogLevel.Information, Message = "The store is back")]
    private partial void Recovered();
}
