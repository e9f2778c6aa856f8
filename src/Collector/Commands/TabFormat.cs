namespace Collector.Commands;

/// <summary>
/// Names, then rows, with tabs between. Backslash, tab, line feed and carriage return come as <c>\\</c>, <c>\t</c>,
/// <c>\n</c> and <c>\r</c>, and NULL as <c>\N</c>, so that a line is a row and a tab a column.
/// </summary>
internal sealed class TabFormat : RowFormat
{
    private readonly TextWriter _text;

    public TabFormat(TextWriter text, IReadOnlyList<string> columns)
    {
        _text = text;
        Write([.. columns]);
    }

    public override void Write(object?[] row) =>
        _text.WriteLine(string.Join('\t', row.Select(static value => value is null ? @"\N" : Escaped(TextOf(value)))));

    private static string Escaped(string text) => text
        .Replace(@"\", @"\\", StringComparison.Ordinal).Replace("\t", @"\t", StringComparison.Ordinal)
        .Replace("\n", @"\n", StringComparison.Ordinal).Replace("\r", @"\r", StringComparison.Ordinal);
}
