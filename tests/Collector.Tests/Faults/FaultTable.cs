using System.Globalization;
using System.Text;

namespace Collector.Tests.Faults;

/// <summary>One line for each kind of fault: trials, acknowledged, found, twice, and how many trials were right in all.</summary>
internal sealed class FaultTable
{
    private readonly Dictionary<string, Line> _lines = [];

    public void Add(string fault, LifeFigures figures)
    {
        var line = _lines.GetValueOrDefault(fault) ?? (_lines[fault] = new Line());
        line.Trials++;
        line.Acknowledged += figures.Acknowledged;
        line.Found += figures.Acknowledged - figures.Lost;
        line.Twice += figures.Twice;
        line.Right += figures.Wrongs.Count == 0 ? 1 : 0;
    }

    public override string ToString()
    {
        var text = new StringBuilder("| fault | trials | acknowledged | of these found | twice | trials in which all is right |\n");
        text.Append("|---|---|---|---|---|---|\n");
        foreach (var (fault, line) in _lines)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {fault} | {line.Trials} | {line.Acknowledged} | {line.Found} ");
            text.Append(CultureInfo.InvariantCulture, $"| {line.Twice} | {line.Right} |\n");
        }

        return text.ToString();
    }

    private sealed class Line
    {
        public int Trials { get; set; }

        public long Acknowledged { get; set; }

        public long Found { get; set; }

        public long Twice { get; set; }

        public int Right { get; set; }
    }
}
