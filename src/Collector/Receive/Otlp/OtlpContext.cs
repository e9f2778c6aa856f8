using Collector.Model;
using Collector.Receive.Rows;

namespace Collector.Receive.Otlp;

/// <summary>What the mappers of one OTLP request share.</summary>
internal sealed class OtlpContext : MappingContext, IDisposable
{
    // The shortest attribute takes five bytes of a context; the list does not take more of them than fit.
    private const int ShortestAttribute = 4;

    public OtlpContext(RowBatch batch, MappingRules rules, LogIdSequence ids, ILookup<int, string>? transcoded)
        : base(batch, rules, ids, transcoded)
    {
        Attributes = new AttributeList(batch, rules.MaxRowBytes / ShortestAttribute);
        AnyValues = new AnyValueWriter(batch, rules.Secrets, this);
        Columns = new ColumnPicker(batch, Attributes, AnyValues, this);
    }

    /// <summary>Those of the record at hand.</summary>
    public AttributeList Attributes { get; }

    public AnyValueWriter AnyValues { get; }

    public ColumnPicker Columns { get; }

    public void Dispose() => Attributes.Dispose();
}
