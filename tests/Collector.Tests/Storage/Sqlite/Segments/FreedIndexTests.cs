using System.Runtime.CompilerServices;
using Collector.Tests.Support;

namespace Collector.Tests.Storage.Sqlite.Segments;

public sealed class FreedIndexTests : IDisposable
{
    private readonly OpenStore _open = new();

    public void Dispose() => _open.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_segments_index_in_memory_is_freed_once_it_is_sealed_also_that_of_the_stores_first_one(bool isRebuilt)
    {
        _open.Append(new SomeRow());
        if (isRebuilt)
        {
            _open.Restart();
            await _open.Store.Reader.Ready;
        }

        var index = IndexOfHot();
        _open.Store.Appender.RollOver();
        await _open.IsSealedAsync();
        await Eventually.IsSoAsync(() => IsFreed(index), () => "somebody still holds the index of a sealed segment");
    }

    // Apart, so that no variable of the test keeps it.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private WeakReference IndexOfHot() => new(_open.Store.Catalog.Segments[^1].Feed!.Index);

    private static bool IsFreed(WeakReference index)
    {
        GC.Collect();
        return !index.IsAlive;
    }
}
