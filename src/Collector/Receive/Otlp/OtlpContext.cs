using Collector.Model;
using Collector.Receive.Rows;

namespace Collector.Receive.Otlp;

/// <summary>What the mappers of one OTLP request share.</summary>
internal sealed class OtlpContext : MappingContext, IDisposable
{
    // The shortest attribute takes five bytes of a context; the list does not take more of them than fit.
    private const int ShortestAttribute = 4;

    private readonly RowBatch _batch;
    private readonly MappingRules _rules;
    private JsonTools? _lines;

    public OtlpContext(RowBatch batch, MappingRules rules, LogIdSequence ids, ILookup<int, string>? transcoded)
        : base(batch, rules, ids, transcoded)
    {
        _batch = batch;
        _rules = rules;
        Attributes = new AttributeList(batch, rules, rules.MaxRowBytes / ShortestAttribute);
        AnyValues = new AnyValueWriter(batch, this);
        Columns = new ColumnPicker(batch, Attributes, AnyValues, this);
    }

    /// <summary>Those of the record at hand.</summary>
    public AttributeList Attributes { get; }

    public AnyValueWriter AnyValues { get; }

    public ColumnPicker Columns { get; }

    /// <summary>For bodies that are structured; most requests have none, and need no table.</summary>
    public JsonTools Lines => _lines ??= new JsonTools(_batch, _rules, this, _batch.Allowance);

    /// <summary>The SDK of the resource at hand sends templates as bodies where formatted messages are off.</summary>
    public bool SendsTemplates { get; set; }

    /// <summary>Memory was refused beside the batch's.</summary>
    public bool Refused => _lines?.Refused == true;

    public void Dispose()
    {
        Attributes.Dispose();
        _lines?.Dispose();
    }
}
