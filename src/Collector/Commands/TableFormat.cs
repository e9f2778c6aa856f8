using System.Globalization;

namespace Collector.Commands;

/// <summary>
/// Aligned columns for a person: as wide as the first rows need, which wait for each other; a later value that is wider
/// moves what is behind it. Nothing is cut; what a terminal might obey is made visible.
/// </summary>
internal sealed class TableFormat(TextWriter text, IReadOnlyList<string> columns) : RowFormat
{
    private const int RowsMeasured = 200;

    private readonly List<string[]> _waiting = [];
    private readonly int[] _widths = [.. columns.Select(WidthOf)];
    private readonly bool[] _isNumber = new bool[columns.Count];
    private long _rows;

    public override void Write(object?[] row)
    {
        var cells = row.Select(static value => value is null ? "" : VisibleText.Of(TextOf(value))).ToArray();
        if (_rows++ >= RowsMeasured)
        {
            Print(cells);
            return;
        }

        for (var i = 0; i < cells.Length; i++)
        {
            _widths[i] = Math.Max(_widths[i], WidthOf(cells[i]));
            _isNumber[i] |= row[i] is long or double;
        }

        _waiting.Add(cells);
        if (_rows == RowsMeasured)
        {
            PrintWaiting();
        }
    }

    public override void End()
    {
        if (_rows < RowsMeasured)
        {
            PrintWaiting();
        }

        text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"({_rows} {(_rows == 1 ? "row" : "rows")})"));
    }

    private static int WidthOf(string cell) => cell.EnumerateRunes().Count();

    private void PrintWaiting()
    {
        Print([.. columns.Select(VisibleText.Of)]);
        text.WriteLine(string.Join("  ", _widths.Select(static width => new string('-', width))));
        _waiting.ForEach(Print);
        _waiting.Clear();
    }

    private void Print(string[] cells)
    {
        var padded = cells.Select((cell, i) =>
        {
            var padding = new string(' ', Math.Max(0, _widths[i] - WidthOf(cell)));
            return _isNumber[i] ? padding + cell : cell + padding;
        });
        text.WriteLine(string.Join("  ", padded).TrimEnd());
    }
}
