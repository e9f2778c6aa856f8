using System.Diagnostics;
using System.Globalization;
using Collector.Benchmarks.Load;
using Collector.Benchmarks.Reference;
using Collector.Benchmarks.Support;
using Collector.Storage.Sqlite.Driver;

namespace Collector.Benchmarks;

/// <summary>
/// Words of every frequency among rows whose text varies, over the API: with the text index, and on the same files once
/// it was taken out of them. Its cost is that of building it, beside that of the indexes, on rows of the same kind.
/// </summary>
internal sealed class TextSearch : IBenchmark
{
    private const int Repeats = 5;
    private const double EnoughMilliseconds = 10_000;

    // A frequent word is one of which the newest hundred stand among the newest few thousand rows.
    private const long FrequentUpTo = 100;
    private const double RareBar = 1_000;
    private const double FrequentBar = 100;

    // Without the index it takes what it takes.
    private const string TimeoutOption = "--Query:Timeout=00:10:00";

    public string Name => "text-search";

    public string What => "a rare and a frequent word among --rows (10000000), with and without the text index, and its cost";

    public async Task RunAsync(Arguments arguments, Verdicts verdicts)
    {
        var rows = Math.Max(10_000, arguments.Number("--rows", 10_000_000)) / 100 * 100;
        MeasureCost(Math.Min(rows, 1_000_000), verdicts);
        using var folder = new Folder();
        var segment = $"--Storage:SegmentRows={Math.Clamp(rows / 10, 1_000, 1_000_000)}";
        await using (var collector = await CollectorRun.StartAsync(folder.Path, segment, TimeoutOption))
        {
            await LoadProcess.RunAsync(new LoadOrder(collector.Grpc, rows) { IsVaried = true });
            await collector.SealedAsync();
            Verdicts.Note($"{await collector.SealedRowsAsync()} of {rows} rows are in sealed segments, the rest is hot");
            foreach (var (word, every, waits) in await AskAllAsync(collector, rows, "with the index"))
            {
                verdicts.Below(every <= FrequentUpTo ? FrequentBar : RareBar, $"{Name}, '{word}', {Frequency(every)}, worst of {waits.Length}", waits.Max(), "ms");
            }

            await collector.StopAsync();
        }

        foreach (var path in Directory.EnumerateFiles(folder.Path, "segment-*.db"))
        {
            TakeOut(path);
        }

        await using var without = await CollectorRun.StartAsync(folder.Path, segment, TimeoutOption, "--Storage:TextIndex=false");
        await AskAllAsync(without, rows, "without it");
    }

    // In this process, on one segment: CPU beside that of building the other indexes, bytes beside those of the file.
    private static void MeasureCost(long rows, Verdicts verdicts)
    {
        // The first one compiles the code.
        MeasureCost(10_000);
        var (indexes, text, before, bytes) = MeasureCost(rows);
        verdicts.AtMost(
            0.3, "text index, CPU against the indexes", new Figure(text.Cpu * 1e6 / rows, "µs a row"), new Figure(indexes.Cpu * 1e6 / rows, "µs a row"));
        verdicts.AtMost(
            0.4, "text index, bytes against the segment", new Figure((double)bytes / rows, "bytes a row"), new Figure((double)before / rows, "bytes a row"));
    }

    private static (Cost Indexes, Cost Text, long Before, long Bytes) MeasureCost(long rows)
    {
        using var folder = new Folder();
        using var table = new ReferenceTable(folder.File("cost.db"), keepsIndexesLive: false);
        table.Append(new RowSource(100, isVaried: true), rows, rowsPerTransaction: 1_000);
        var indexes = table.BuildIndexes();
        var before = new FileInfo(folder.File("cost.db")).Length;
        var text = table.BuildTextIndex();
        return (indexes, text, before, new FileInfo(folder.File("cost.db")).Length - before);
    }

    private static async Task<List<(string Word, long Every, double[] Waits)>> AskAllAsync(CollectorRun collector, long rows, string how)
    {
        using var client = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        var answers = new List<(string, long, double[])>();
        // The first questions compile the code.
        foreach (var word in new[] { "neither this", "order" })
        {
            await client.GetStringAsync(new Uri(collector.Web, $"api/logs?limit=1&q={word}"));
        }

        foreach (var (word, every) in VariedText.Planted.Append(("no such word", 0)))
        {
            var expected = every == 0 ? 0 : Math.Min(100, (rows + every - 1 - (every / 3)) / every);
            var waits = new List<double>();
            var cpu = collector.Figures.CpuSeconds;
            do
            {
                waits.Add(await AskAsync(client, collector, word, expected));
            }
            while (waits.Count < Repeats && waits.Sum() < EnoughMilliseconds);

            cpu = (collector.Figures.CpuSeconds - cpu) * 1_000 / waits.Count;
            Verdicts.Note($"{how}: '{word}', {Frequency(every)}: {waits.Count} times, p50 {Quantile.Of([.. waits.Order()], 0.5):0.0} ms, max {waits.Max():0.0} ms; CPU {cpu:0} ms");
            answers.Add((word, every == 0 ? long.MaxValue : every, [.. waits]));
        }

        return answers;
    }

    private static async Task<double> AskAsync(HttpClient client, CollectorRun collector, string word, long expected)
    {
        var since = Stopwatch.GetTimestamp();
        var text = await client.GetStringAsync(new Uri(collector.Web, $"api/logs?limit=100&q={Uri.EscapeDataString(word)}"));
        var wait = Stopwatch.GetElapsedTime(since).TotalMilliseconds;
        var found = text.Split("\"log_id\"").Length - 1;
        return found == expected
            ? wait
            : throw new InvalidOperationException($"'{word}' was found in {found} rows of the first page, not in {expected}.");
    }

    private static string Frequency(long every) => every is 0 or long.MaxValue
        ? "in no row"
        : string.Create(CultureInfo.InvariantCulture, $"in one row of {every:#,##0}");

    private static void TakeOut(string path)
    {
        using var connection = Connections.OpenExistingWriter(path);
        connection.Execute("DROP TABLE IF EXISTS tail_text_stripes; DROP TABLE IF EXISTS tail_text_slices");
        // Opening it to write has put it into WAL mode; sealed files are in none, and the hot one goes back by itself.
        using var leave = connection.Prepare(Sql.Get("leave_wal"));
        leave.Step();
    }
}
