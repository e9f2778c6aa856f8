using Collector.Model;
using Collector.Storage;
using Collector.Storage.Sqlite.Segments;
using Collector.Tests.Support;
using Xunit.Abstractions;

namespace Collector.Tests.Storage.Sqlite.Salvage;

/// <summary>A page of a file is overwritten, as a bad disk would. The long form is in <c>LongRuns</c>.</summary>
public sealed class DamagedPageTests(ITestOutputHelper output)
{
    [Fact]
    public Task Every_question_is_answered_around_a_damaged_page_and_what_is_missing_is_named() => RunAsync(trials: 25, seed: 1);

    [Fact]
    public async Task A_sealed_file_that_is_away_for_a_while_is_left_out_with_a_gap_and_answers_again_when_it_is_back()
    {
        using var open = new OpenStore(new SqliteStoreOptions { MaxIdleReaders = 0 });
        open.Append(new SomeRow { Message = "away" });
        open.Restart(beginSegment: true);
        await open.IsSealedAsync();
        open.Append(new SomeRow { Message = "here" });
        var file = open.Store.Catalog.Segments[0].Path;
        File.Move(file, file + ".away");

        open.Store.Reader.Messages(new LogQuery()).ShouldBe(["here"]);
        open.Store.Lifecycle.Retain();
        open.Store.Reader.Messages(new LogQuery()).ShouldBe(["here"]);
        var gap = open.Store.Reader.FindGaps("anybody", 0, Timestamps.Latest, CancellationToken.None).ShouldHaveSingleItem();
        (gap.WorkerName, gap.Count, gap.Reason).ShouldBe((Gap.UnknownWorker, 1L, "missing"));
        open.Store.Lifecycle.Report().Unreadable.ShouldHaveSingleItem().Name.ShouldBe("segment-000001.db");
        open.Log.Errors.ShouldHaveSingleItem("said once");

        File.Move(file + ".away", file);
        open.Store.Lifecycle.Retain();
        await Eventually.IsSoAsync(() => !open.Store.Catalog.Unreadable.Any(), () => string.Join('\n', open.Log.Errors));
        open.Store.Reader.Messages(new LogQuery()).ShouldBe(["here", "away"], ignoreOrder: true);
        open.Store.Appender.TakeLosses().ShouldBeEmpty();
    }

    internal async Task RunAsync(int trials, int seed)
    {
        using var trial = await PageTrial.CreateAsync();
        for (var i = 0; i < trials; i++)
        {
            output.WriteLine(await trial.RunAsync((seed * 1_000_000) + i));
        }
    }
}
