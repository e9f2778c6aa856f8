using Collector.Tests.Support;

namespace Collector.Tests.Storage.Sqlite.Search;

/// <summary>An id with far more rows than an answer gives: the oldest come, and the others cost no memory.</summary>
public sealed class CorrelationBoundTests : IDisposable
{
    private const int Segments = 3;
    private const int RowsEach = 20_000;

    private readonly OpenStore _open = new();

    public void Dispose() => _open.Dispose();

    [Fact]
    public async Task The_oldest_rows_are_given_and_what_is_kept_of_the_others_is_bounded()
    {
        Append(static i => new SomeRow { Correlation = "c", Trace = (UInt128)(1 + (i % 7)) });
        await IsBoundedAsync();
    }

    [Fact]
    public async Task As_many_traces_as_rows_are_no_more_than_are_asked_for()
    {
        Append(static i => new SomeRow { Correlation = "c", Trace = (UInt128)(1 + i) });
        await IsBoundedAsync();
    }

    [Fact]
    public void A_row_of_a_late_trace_comes_first_where_it_is_the_oldest()
    {
        _open.Append(new SomeRow { Correlation = "other", Trace = 9, Message = "first", Nanos = 1 });
        _open.Store.Appender.RollOver();
        _open.Append([.. Enumerable.Range(0, 50).Select(static i => new SomeRow { Correlation = "c", Message = $"{i}", Nanos = 10 + (ulong)i })]);
        _open.Append(new SomeRow { Correlation = "c", Trace = 9, Nanos = 99 });

        var rows = _open.Store.Reader.Closure("c", out var more, limit: 3);
        rows.Select(static row => row.Message).ShouldBe(["first", "0", "1"]);
        more.ShouldBeTrue();
        _open.Store.Reader.Closure("c", out more, limit: 52).Count.ShouldBe(52);
        more.ShouldBeFalse();
    }

    // Newest first within a segment, so that each row is older than all before it.
    private void Append(Func<int, SomeRow> row)
    {
        for (var segment = 0; segment < Segments; segment++)
        {
            var first = segment * RowsEach;
            _open.Append([.. Enumerable.Range(first, RowsEach).Reverse().Select(i => row(i) with { Message = $"{i}", Nanos = 1_000 + (ulong)i })]);
            if (segment < Segments - 1)
            {
                _open.Store.Appender.RollOver();
            }
        }
    }

    private async Task IsBoundedAsync()
    {
        await _open.IsSealedAsync();
        _open.Store.Reader.ClosureMessages("c", limit: 5).ShouldBe(["0", "1", "2", "3", "4"]);
        var before = GC.GetAllocatedBytesForCurrentThread();
        _open.Store.Reader.Closure("c", out var more, limit: 5).Count.ShouldBe(5);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(100_000);
        more.ShouldBeTrue();
    }
}
