using Collector.Model;
using Collector.Receive.Rows;

namespace Collector.Receive.Tail;

/// <summary>What the mappers of one request of tail items or tail events share.</summary>
internal sealed class TailContext : MappingContext, IDisposable
{
    private readonly RowBatch _batch;
    private readonly JsonTools _json;

    /// <param name="batch">As in <see cref="MappingContext"/>.</param>
    /// <param name="allowance">Asked for the memory that mapping needs beside the batch's.</param>
    /// <param name="rules">As in <see cref="MappingContext"/>.</param>
    /// <param name="ids">As in <see cref="MappingContext"/>.</param>
    public TailContext(RowBatch batch, IByteAllowance allowance, MappingRules rules, LogIdSequence ids)
        : base(batch, rules, ids)
    {
        _batch = batch;
        _json = new JsonTools(batch, rules, this, allowance);
        Names = rules.Names;
    }

    public FieldNames Names { get; }

    /// <summary>The item or event at hand.</summary>
    public JsonTable Table => _json.Table;

    public JsonTexts Texts => _json.Texts;

    public JsonValueWriter JsonValues => _json.Values;

    public LineReader Lines => _json.Lines;

    public LineException Exceptions => _json.Exceptions;

    public LineTemplate Templates => _json.Templates;

    /// <summary>Memory was refused: the rows are incomplete and must not be stored.</summary>
    public bool Refused => _batch.Refused || _batch.Body.Refused || _json.Refused;

    public void Dispose() => _json.Dispose();
}
