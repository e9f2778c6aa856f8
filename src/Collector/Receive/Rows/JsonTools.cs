using Collector.Model;

namespace Collector.Receive.Rows;

/// <summary>What is needed to read JSON in a record: the table of its values, and what reads, writes and understands them.</summary>
internal sealed class JsonTools : IDisposable
{
    private readonly ByteBuffer _scratch;

    /// <param name="batch">Holds the texts.</param>
    /// <param name="rules">What the operator decides.</param>
    /// <param name="tools">Of the same request.</param>
    /// <param name="allowance">Asked for the memory of the table.</param>
    public JsonTools(RowBatch batch, MappingRules rules, MappingContext tools, IByteAllowance allowance)
    {
        _scratch = new ByteBuffer(allowance);
        Table = new JsonTable(batch, allowance);
        Texts = new JsonTexts(batch, tools, Table, _scratch);
        Values = new JsonValueWriter(batch, rules.Secrets, tools, Table, Texts);
        Lines = new LineReader(batch, rules.Names, Table, Texts);
        Exceptions = new LineException(batch, tools, Table, Texts);
        Templates = new LineTemplate(batch, rules.Secrets, tools, Table, Texts, Values);
    }

    public JsonTable Table { get; }

    public JsonTexts Texts { get; }

    public JsonValueWriter Values { get; }

    public LineReader Lines { get; }

    public LineException Exceptions { get; }

    public LineTemplate Templates { get; }

    /// <summary>Memory was refused: what was read is incomplete.</summary>
    public bool Refused => _scratch.Refused || Table.Refused;

    public void Dispose()
    {
        Table.Dispose();
        _scratch.Dispose();
    }
}
