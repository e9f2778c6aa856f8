using Collector.Model;
using Collector.Receive.Otlp;
using Collector.Receive.Otlp.Mapping;

namespace Collector.Receive.Tail;

/// <summary>
/// From a TraceItem to its rows: the request's, one for each console line, one for each exception. In three steps, since
/// contexts must stand in one piece: (1) read the lines, (2) find what the rows share, (3) write row by row.
/// </summary>
internal sealed class TailMapper : IDisposable
{
    private readonly RowBatch _batch;
    private readonly MapperTools _tools;
    private readonly ConsoleReader _console;
    private readonly InvocationReader _invocations;
    private readonly RequestRow _requests;
    private readonly ConsoleMapper _lines;
    private readonly ExceptionMapper _exceptions;
    private readonly ByteBuffer _scratch;

    public TailMapper(RowBatch batch, IByteAllowance allowance, OtlpRules rules, LogIdSequence ids)
    {
        _batch = batch;
        _tools = new MapperTools(batch, rules, ids);
        _scratch = new ByteBuffer(allowance);
        var text = new TailText(batch, _tools, _scratch);
        var values = new TailValues(batch, rules.Secrets, _tools, text);
        _console = new ConsoleReader(batch, allowance, text);
        _invocations = new InvocationReader(batch, _tools, text);
        _requests = new RequestRow(batch, rules, _tools, text, values);
        _lines = new ConsoleMapper(batch, rules, _tools, text, values);
        _exceptions = new ExceptionMapper(batch, rules, _tools, text, values);
    }

    /// <summary>Memory was refused: the rows are incomplete and must not be stored.</summary>
    public bool Refused => _batch.Refused || _scratch.Refused || _console.Refused;

    public void Map(JsonValue item)
    {
        _tools.Notes.Clear();
        var members = TailItem.Read(_batch, item);

        // 1.
        _console.Read(members.Logs);

        // 2.
        var invocation = _invocations.Read(members, _console.Lines);
        invocation.Resource = _requests.Resource(item);

        // 3.
        _requests.Map(item, members, invocation);
        foreach (ref readonly var line in _console.Lines)
        {
            _lines.Map(line, invocation);
        }

        if (!members.Exceptions.IsArray)
        {
            return;
        }

        for (var walk = new JsonWalk(_batch, members.Exceptions); walk.Next() && !Refused;)
        {
            _exceptions.Map(walk.Value, invocation);
        }
    }

    public void Dispose()
    {
        _console.Dispose();
        _scratch.Dispose();
        _tools.Dispose();
    }
}
