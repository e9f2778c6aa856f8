using Collector.Model;
using Collector.Storage;
using Collector.Storage.Sqlite.Driver;
using Collector.Tests.Support;

namespace Collector.Tests.Storage.Sqlite.Search;

/// <summary>Markers of losses, asked for on real files.</summary>
public sealed class MarkerSearchTests : IDisposable
{
    // Some ten seconds to look through, were it not for the cancellation.
    private const string ManyMarkers =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 20000000) "
        + "SELECT 'worker-a' AS worker_name, '2026-11-23T12:00:00.000000000Z' AS from_time, "
        + "'2026-11-23T12:00:00.000000000Z' AS to_time, i AS row_count, 'full' AS reason FROM n";

    private readonly OpenStore _open = new();

    [Fact]
    public async Task A_question_for_markers_is_interrupted_before_its_natural_end()
    {
        await FillSealedSegmentAsync(Marker(Some.Noon));
        HoldManyMarkers();
        using var cancel = new CancellationTokenSource();
        var asking = Task.Run(() => _open.Store.Reader.FindGaps(null, 0, ulong.MaxValue, cancel.Token));
        await Eventually.IsSoAsync(IsRead, () => "no statement runs");

        await cancel.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(asking);
        IsRead().ShouldBeFalse("the connection is given back");
    }

    [Fact]
    public void A_question_for_markers_whose_caller_has_left_is_not_begun()
    {
        _open.Store.Appender.Append(new AppendGroup { Gaps = [Marker(Some.Noon)] }).ShouldBe(AppendResult.Committed);
        Should.Throw<OperationCanceledException>(() => _open.Store.Reader.FindGaps(null, 0, ulong.MaxValue, new CancellationToken(canceled: true)));
        _open.Store.Reader.FindGaps(null, 0, ulong.MaxValue, CancellationToken.None).ShouldBe([Marker(Some.Noon)]);
    }

    [Fact]
    public async Task Of_more_markers_than_are_given_the_latest_come_whatever_segment_they_are_in()
    {
        var markers = Enumerable.Range(0, 1_600).Select(static i => Marker(Some.Noon + ((ulong)i * 1_000))).ToArray();
        await FillSealedSegmentAsync([.. markers.Where(static (_, i) => i % 2 == 0)]);
        await FillSealedSegmentAsync([.. markers.Where(static (_, i) => i % 2 == 1)]);

        var found = _open.Store.Reader.FindGaps(null, 0, ulong.MaxValue, CancellationToken.None);
        found.Count.ShouldBe(1_000);
        found.SequenceEqual(markers.Reverse().Take(1_000)).ShouldBeTrue();
        _open.Store.Reader.FindGaps("nobody", 0, ulong.MaxValue, CancellationToken.None).ShouldBeEmpty();
    }

    public void Dispose() => _open.Dispose();

    private static Gap Marker(ulong nanos) => new("worker-a", nanos, nanos, 7, "full");

    private async Task FillSealedSegmentAsync(params Gap[] markers)
    {
        using var batch = Some.Batch(new SomeRow());
        var group = new AppendGroup { Gaps = markers };
        group.Batches.Add(batch);
        _open.Store.Appender.Append(group).ShouldBe(AppendResult.Committed);
        _open.Store.Appender.RollOver();
        await _open.IsSealedAsync();
    }

    private void HoldManyMarkers()
    {
        var file = _open.Store.Catalog.Segments[0].Path;
        _open.Store.Dispose();
        using (var connection = Connections.OpenExistingWriter(file))
        {
            connection.Execute("DROP TABLE tail_gaps");
            connection.Execute($"CREATE VIEW tail_gaps AS {ManyMarkers}");
            using var leave = connection.Prepare(Sql.Get("leave_wal"));
            leave.Step();
        }

        _open.Restart();
    }

    private bool IsRead() => !_open.Store.Catalog.Segments[0].Readers.TryAlone(TimeSpan.Zero, TimeSpan.Zero, static () => true);
}
