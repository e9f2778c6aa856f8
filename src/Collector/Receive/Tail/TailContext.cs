using Collector.Model;
using Collector.Receive.Rows;

namespace Collector.Receive.Tail;

/// <summary>The mappers of one request, for each kind of row; made once for it, used again for each item.</summary>
internal sealed class TailContext : IDisposable
{
    private readonly RowBatch _batch;
    private readonly ByteBuffer _scratch;

    public TailContext(RowBatch batch, IByteAllowance allowance, MappingRules rules, LogIdSequence ids)
    {
        _batch = batch;
        _scratch = new ByteBuffer(allowance);
        Tools = new MappingContext(batch, rules, ids);
        var text = new TailText(batch, Tools, _scratch);
        var values = new TailValues(batch, rules.Secrets, Tools, text);
        Console = new ConsoleReader(batch, allowance, text);
        Invocations = new InvocationReader(batch, Tools, text);
        Requests = new RequestRow(batch, rules, Tools, text, values);
        Lines = new ConsoleMapper(batch, rules, Tools, text, values);
        Exceptions = new ExceptionMapper(batch, rules, Tools, text, values);
    }

    public MappingContext Tools { get; }

    public ConsoleReader Console { get; }

    public InvocationReader Invocations { get; }

    public RequestRow Requests { get; }

    public ConsoleMapper Lines { get; }

    public ExceptionMapper Exceptions { get; }

    /// <summary>Memory was refused: the rows are incomplete and must not be stored.</summary>
    public bool Refused => _batch.Refused || _batch.Body.Refused || _scratch.Refused || Console.Refused;

    public void Dispose()
    {
        Console.Dispose();
        _scratch.Dispose();
        Tools.Dispose();
    }
}
