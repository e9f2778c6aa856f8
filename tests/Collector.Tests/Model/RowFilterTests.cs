using Collector.Model;

namespace Collector.Tests.Model;

public sealed class RowFilterTests
{
    [Fact]
    public void Filters_are_the_same_only_where_every_word_of_them_is()
    {
        var names = typeof(RowFilter).GetProperties().Where(static property => property.CanWrite).Select(static property => property.Name);
        var different = new Dictionary<string, RowFilter>
        {
            [nameof(RowFilter.CorrelationId)] = new() { CorrelationId = "a" },
            [nameof(RowFilter.TraceId)] = new() { TraceId = "a" },
            [nameof(RowFilter.RequestId)] = new() { RequestId = "a" },
            [nameof(RowFilter.Worker)] = new() { Worker = "a" },
            [nameof(RowFilter.MinLevel)] = new() { MinLevel = Level.Warn },
            [nameof(RowFilter.Kind)] = new() { Kind = Kind.Span },
            [nameof(RowFilter.Outcome)] = new() { Outcome = "a" },
            [nameof(RowFilter.From)] = new() { From = 1 },
            [nameof(RowFilter.To)] = new() { To = 1 },
            [nameof(RowFilter.Text)] = new() { Text = "a" },
            [nameof(RowFilter.WallTime)] = new() { WallTime = [new NumberCondition(Comparison.Less, 1)] },
            [nameof(RowFilter.Attributes)] = new() { Attributes = [new AttributeCondition("a", Comparison.Equal, "b")] },
        };
        different.Keys.Order().ShouldBe(names.Order(), "a new property belongs into IsSame and here");

        foreach (var (name, filter) in different)
        {
            filter.IsSame(new RowFilter()).ShouldBeFalse(name);
            filter.IsSame(filter with { Attributes = [.. filter.Attributes], WallTime = [.. filter.WallTime] }).ShouldBeTrue(name);
        }
    }
}
