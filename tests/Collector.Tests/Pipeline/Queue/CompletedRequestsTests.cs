using Collector.Model;
using Collector.Pipeline.Queue;
using Collector.Tests.Support;

namespace Collector.Tests.Pipeline.Queue;

public sealed class CompletedRequestsTests
{
    private const int Keys = 3_000;
    private const int MaxKept = 1_700;

    private readonly CompletedRequests _ended = new();

    // The same, plainly.
    private readonly Dictionary<RequestKey, IngestOutcome> _known = [];
    private readonly Queue<(RequestKey Key, long EndedAt, bool IsRemoved)> _inOrder = new();

    [Fact]
    public void What_is_known_is_what_a_plain_list_knows_whatever_comes_and_goes()
    {
        var random = new Random(4);
        for (var step = 0L; step < 40_000; step++)
        {
            var key = SomeBatches.Key(random.Next(Keys));
            if (_known.ContainsKey(key))
            {
                RemoveSometimes(key, random);
            }
            else
            {
                Add(key, random.Next(10) == 0, step);
            }

            while (_ended.Count > MaxKept || (_ended.Count > 0 && random.Next(8) == 0))
            {
                RemoveOldest();
            }

            _ended.Count.ShouldBe(_inOrder.Count);
        }

        for (var i = 0; i < Keys; i++)
        {
            Check(SomeBatches.Key(i));
        }

        while (_ended.Count > 0)
        {
            RemoveOldest();
        }

        _ended.Find(SomeBatches.Key(1)).ShouldBeNull();
    }

    private void Add(RequestKey key, bool isSpooled, long endedAt)
    {
        Check(key);
        _ended.Add(key, isSpooled, endedAt);
        _known[key] = isSpooled ? IngestOutcome.Spooled : IngestOutcome.Stored;
        _inOrder.Enqueue((key, endedAt, false));
        Check(key);
    }

    private void RemoveSometimes(RequestKey key, Random random)
    {
        Check(key);
        if (random.Next(5) == 0)
        {
            _ended.Remove(key);
            _known.Remove(key);
            for (var i = _inOrder.Count; i > 0; i--)
            {
                var entry = _inOrder.Dequeue();
                _inOrder.Enqueue(entry with { IsRemoved = entry.IsRemoved || entry.Key == key });
            }

            Check(key);
        }
    }

    private void RemoveOldest()
    {
        var (key, endedAt, isRemoved) = _inOrder.Dequeue();
        _ended.OldestEndedAt.ShouldBe(endedAt);
        _ended.RemoveOldest();
        if (!isRemoved)
        {
            _known.Remove(key);
        }

        Check(key);
    }

    private void Check(RequestKey key) =>
        _ended.Find(key).ShouldBe(_known.TryGetValue(key, out var outcome) ? outcome : null);
}
