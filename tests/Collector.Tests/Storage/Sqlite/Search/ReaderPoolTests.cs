using Collector.Storage.Sqlite.Search;
using Collector.Storage.Sqlite.Segments;
using Collector.Tests.Support;

namespace Collector.Tests.Storage.Sqlite.Search;

public sealed class ReaderPoolTests : IDisposable
{
    private readonly OpenStore _open = new();

    public void Dispose() => _open.Dispose();

    [Fact]
    public async Task A_question_that_waits_for_the_switch_of_a_file_ends_with_its_token()
    {
        var readers = _open.Store.Catalog.Segments[0].Readers;
        readers.TryRent(out var slow).ShouldBeTrue();
        var switching = Task.Factory.StartNew(
            () => readers.TryAlone(TimeSpan.Zero, TimeSpan.FromMinutes(1), static () => false), TaskCreationOptions.LongRunning);
        var cancelled = new CancellationToken(canceled: true);
        await Eventually.IsSoAsync(() => HasToWait(readers, cancelled), () => "the switch lets nobody in");

        using var cancel = new CancellationTokenSource();
        var asking = Task.Factory.StartNew(() => readers.TryRent(out _, cancel.Token), TaskCreationOptions.LongRunning);
        await cancel.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => asking.WaitAsync(TimeSpan.FromMinutes(1)));

        readers.Return(slow!);
        (await switching).ShouldBeFalse("the work said so");
        readers.TryRent(out var next).ShouldBeTrue();
        readers.Return(next!);
    }

    private static bool HasToWait(ReaderPool readers, CancellationToken cancelled)
    {
        try
        {
            readers.TryRent(out var reader, cancelled);
            readers.Return(reader!);
            return false;
        }
        catch (OperationCanceledException)
        {
            return true;
        }
    }
}
