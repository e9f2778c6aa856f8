namespace Collector.Tests.Support;

/// <summary>For what another thread or process brings about without an event: looks again, a bounded number of times.</summary>
internal static class Eventually
{
    private const int MaxLooks = 3_000;

    public static Task IsSoAsync(Func<bool> isSo, Func<string> describe) =>
        IsSoAsync(() => Task.FromResult(isSo()), describe);

    /// <summary>Whether a task ends within a time; it goes on if it doesn't.</summary>
    public static async Task<bool> EndsAsync(Task task, TimeSpan within) =>
        await Task.WhenAny(task, Task.Delay(within)) == task;

    public static async Task IsSoAsync(Func<Task<bool>> isSo, Func<string> describe)
    {
        using var pulse = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        for (var look = 0; look < MaxLooks; look++)
        {
            if (await isSo())
            {
                return;
            }

            await pulse.WaitForNextTickAsync();
        }

        throw new InvalidOperationException($"It did not come about: {describe()}");
    }
}
