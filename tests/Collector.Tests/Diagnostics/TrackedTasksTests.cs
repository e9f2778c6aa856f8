using System.Collections.Concurrent;
using Collector.Diagnostics;

namespace Collector.Tests.Diagnostics;

public sealed class TrackedTasksTests
{
    private readonly ConcurrentQueue<string> _failures = new();
    private readonly TrackedTasks _tasks;

    public TrackedTasksTests() => _tasks = new TrackedTasks((name, error) => _failures.Enqueue($"{name}: {error.Message}"));

    [Fact]
    public async Task Every_failure_is_told_with_its_name()
    {
        _tasks.Start("at once", () => throw new InvalidOperationException("no"));
        _tasks.Start("later", async () =>
        {
            await Task.Yield();
            throw new InvalidOperationException("not now");
        });

        await _tasks.DrainAsync(CancellationToken.None);

        _failures.Order().ShouldBe(["at once: no", "later: not now"]);
        _tasks.Count.ShouldBe(0);
    }

    [Fact]
    public async Task A_task_that_was_told_to_end_has_not_failed()
    {
        _tasks.Start("cancelled", () => throw new OperationCanceledException());

        await _tasks.DrainAsync(CancellationToken.None);

        _failures.ShouldBeEmpty();
    }

    [Fact]
    public async Task Draining_waits_for_those_that_start_meanwhile_and_no_longer_than_it_may()
    {
        var first = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var second = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _tasks.Start("first", async () =>
        {
            await first.Task;
            _tasks.Start("second", () => second.Task);
        });

        var drained = _tasks.DrainAsync(CancellationToken.None);
        drained.IsCompleted.ShouldBeFalse();
        await Should.ThrowAsync<OperationCanceledException>(_tasks.DrainAsync(new CancellationToken(canceled: true)));
        first.SetResult();
        second.SetResult();
        await drained;

        _tasks.Count.ShouldBe(0);
    }
}
