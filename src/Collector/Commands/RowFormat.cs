namespace Collector.Commands;

/// <summary>A way to write rows of columns.</summary>
internal abstract class RowFormat
{
    /// <summary>Values as SQLite has them: null, long, double, string, byte[].</summary>
    public abstract void Write(object?[] row);

    public virtual void End()
    {
    }

    public static RowFormat Of(string name, Output output, IReadOnlyList<string> columns) => name switch
    {
        "table" => new TableFormat(output.Text, columns),
        "tsv" => new TabFormat(output.Text, columns),
        _ => new JsonLinesFormat(output, columns),
    };
}
