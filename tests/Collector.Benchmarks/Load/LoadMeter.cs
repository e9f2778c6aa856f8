using System.Diagnostics;

namespace Collector.Benchmarks.Load;

/// <summary>Counts acknowledgements and prints a line for each stretch. Safe for threads.</summary>
internal sealed class LoadMeter(LoadOrder order)
{
    private readonly Lock _gate = new();
    private readonly List<double> _stretch = [];
    private readonly List<double> _all = [];
    private readonly long _started = Stopwatch.GetTimestamp();
    private long _stretchStarted = Stopwatch.GetTimestamp();
    private long _refusals;
    private long _stretchRefusals;

    public void Refused()
    {
        lock (_gate)
        {
            _refusals++;
        }
    }

    public void Acknowledged(TimeSpan waited)
    {
        lock (_gate)
        {
            _stretch.Add(waited.TotalMilliseconds);
            if (order.ReportEvery > 0 && (long)_stretch.Count * order.RecordsPerRequest >= order.ReportEvery)
            {
                EndStretch();
            }
        }
    }

    public void Finish()
    {
        lock (_gate)
        {
            if (order.ReportEvery > 0 && _stretch.Count > 0)
            {
                EndStretch();
            }

            _all.AddRange(_stretch);
            Print(_all, _started, _refusals, isTotal: true);
        }
    }

    private void EndStretch()
    {
        Print(_stretch, _stretchStarted, _refusals - _stretchRefusals, isTotal: false);
        _all.AddRange(_stretch);
        _stretch.Clear();
        _stretchRefusals = _refusals;
        _stretchStarted = Stopwatch.GetTimestamp();
    }

    private void Print(List<double> waits, long since, long refusals, bool isTotal)
    {
        var seconds = Stopwatch.GetElapsedTime(since).TotalSeconds;
        var sorted = waits.Order().ToArray();
        var report = new LoadReport(
            isTotal, (long)waits.Count * order.RecordsPerRequest, seconds, waits.Count, refusals,
            Quantile.Of(sorted, 0.5), Quantile.Of(sorted, 0.99), Quantile.Of(sorted, 0.999), Quantile.Of(sorted, 1),
            Environment.CpuUsage.TotalTime.TotalSeconds);
        Console.WriteLine(System.Text.Json.JsonSerializer.Serialize(report, LoadJson.Default.LoadReport));
    }
}
