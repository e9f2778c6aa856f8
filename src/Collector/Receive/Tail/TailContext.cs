using Collector.Model;
using Collector.Receive.Rows;

namespace Collector.Receive.Tail;

/// <summary>What the mappers of one request of tail items or tail events share.</summary>
internal sealed class TailContext : MappingContext, IDisposable
{
    private readonly RowBatch _batch;
    private readonly ByteBuffer _scratch;

    /// <param name="batch">As in <see cref="MappingContext"/>.</param>
    /// <param name="allowance">Asked for the memory that mapping needs beside the batch's.</param>
    /// <param name="rules">As in <see cref="MappingContext"/>.</param>
    /// <param name="ids">As in <see cref="MappingContext"/>.</param>
    public TailContext(RowBatch batch, IByteAllowance allowance, MappingRules rules, LogIdSequence ids)
        : base(batch, rules, ids)
    {
        _batch = batch;
        _scratch = new ByteBuffer(allowance);
        Table = new JsonTable(batch, allowance);
        Texts = new TailText(batch, this, _scratch);
        JsonValues = new JsonValueWriter(batch, rules.Secrets, this, Table, Texts);
    }

    /// <summary>The item or event at hand.</summary>
    public JsonTable Table { get; }

    public TailText Texts { get; }

    public JsonValueWriter JsonValues { get; }

    /// <summary>Memory was refused: the rows are incomplete and must not be stored.</summary>
    public bool Refused => _batch.Refused || _batch.Body.Refused || _scratch.Refused || Table.Refused;

    public void Dispose()
    {
        Table.Dispose();
        _scratch.Dispose();
    }
}
