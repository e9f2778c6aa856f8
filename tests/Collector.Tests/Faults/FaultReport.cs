using System.Globalization;
using Xunit.Abstractions;

namespace Collector.Tests.Faults;

/// <summary>
/// What many trials came to: a table, and what was wrong with each that was. The file of <c>FAULT_REPORT</c> is told of
/// each at once, with its logs; <c>FAULT_TRIALS</c> says how many there are, where it isn't every one of a kind.
/// </summary>
internal sealed class FaultReport(ITestOutputHelper output)
{
    private readonly FaultTable _table = new();
    private readonly List<string> _wrong = [];
    private int _notMet;

    public static int Trials(int usual) =>
        Environment.GetEnvironmentVariable("FAULT_TRIALS") is { } trials ? int.Parse(trials, CultureInfo.InvariantCulture) : usual;

    /// <param name="kind">The table's line.</param>
    /// <param name="trial">Enough to run it again.</param>
    /// <param name="figures">What came of it.</param>
    public void Add(string kind, string trial, LifeFigures figures)
    {
        if (figures.IsMet)
        {
            _table.Add(kind, figures);
        }
        else
        {
            _notMet++;
        }

        if (figures.Wrongs.Count == 0)
        {
            return;
        }

        var line = $"{trial}: {string.Join("; ", figures.Wrongs)}";
        _wrong.Add(line);
        output.WriteLine(line);
        Append($"{line}\n{figures.Log}\n\n");
    }

    /// <summary>Prints the table; fails where anything was wrong.</summary>
    public void ShouldBeClean()
    {
        var table = $"{_table}{(_notMet == 0 ? "" : $"\nIn {_notMet} further trials the fault did not come about.")}";
        output.WriteLine(table);
        Append($"{table}\n");
        _wrong.ShouldBeEmpty();
    }

    private static void Append(string text)
    {
        if (Environment.GetEnvironmentVariable("FAULT_REPORT") is { } file)
        {
            File.AppendAllText(file, text);
        }
    }
}
