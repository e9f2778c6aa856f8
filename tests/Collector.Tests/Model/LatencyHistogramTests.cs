using System.Buffers;
using Collector.Model;

namespace Collector.Tests.Model;

public sealed class LatencyHistogramTests
{
    private const double MaxError = 0.01;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_percentile_is_within_one_percent_of_the_exact_one(int seed)
    {
        var random = new Random(seed);
        // From a microsecond to a quarter of an hour.
        var durations = Enumerable.Range(0, 10_000).Select(_ => Math.Pow(10, (random.NextDouble() * 9) - 3)).ToArray();
        var histogram = Of(durations);
        Array.Sort(durations);
        foreach (var share in new[] { 0.001, 0.1, 0.5, 0.9, 0.95, 0.99, 0.999, 1 })
        {
            var exact = durations[(int)Math.Ceiling(share * durations.Length) - 1];
            (Math.Abs(histogram.Percentile(share) - exact) / exact).ShouldBeLessThanOrEqualTo(MaxError, $"at {share}");
        }

        histogram.Max.ShouldBe(durations[^1]);
        histogram.Count.ShouldBe(durations.Length);
    }

    [Fact]
    public void Parts_add_up_to_the_whole_also_through_bytes()
    {
        var random = new Random(4);
        var durations = Enumerable.Range(0, 2_000).Select(_ => random.NextDouble() * 5_000).ToArray();
        var sum = new LatencyHistogram();
        foreach (var part in durations.Chunk(300))
        {
            var bytes = new ArrayBufferWriter<byte>();
            var histogram = Of(part);
            histogram.Write(bytes);
            var read = new LatencyHistogram();
            read.Read(bytes.WrittenSpan, histogram.Max);
            sum.Add(read);
        }

        var whole = Of(durations);
        foreach (var share in new[] { 0.25, 0.5, 0.99, 1 })
        {
            sum.Percentile(share).ShouldBe(whole.Percentile(share));
        }

        (sum.Count, sum.Max, sum.Buckets).ShouldBe((whole.Count, whole.Max, whole.Buckets));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1e-9)]
    [InlineData(1e-6)]
    [InlineData(3.7)]
    [InlineData(1e12)]
    public void The_only_duration_is_every_percentile(double duration)
    {
        var histogram = Of(duration);
        histogram.Percentile(0.5).ShouldBeInRange(duration * (1 - MaxError), duration * (1 + MaxError));
        histogram.Percentile(1).ShouldBeLessThanOrEqualTo(histogram.Max);
    }

    [Fact]
    public void Without_durations_it_says_zero_and_bytes_that_nobody_wrote_do_no_harm()
    {
        new LatencyHistogram().Percentile(0.5).ShouldBe(0);
        var random = new Random(5);
        for (var i = 0; i < 1_000; i++)
        {
            var bytes = new byte[random.Next(30)];
            random.NextBytes(bytes);
            Should.NotThrow(() => new LatencyHistogram().Read(bytes, 1));
        }
    }

    private static LatencyHistogram Of(params double[] durations)
    {
        var histogram = new LatencyHistogram();
        foreach (var duration in durations)
        {
            histogram.Record(duration);
        }

        return histogram;
    }
}
