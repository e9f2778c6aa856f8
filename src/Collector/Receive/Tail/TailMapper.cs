using Collector.Model;
using Collector.Receive.Rows;

namespace Collector.Receive.Tail;

/// <summary>
/// From a TraceItem to its rows: the request's, one for each console line, one for each exception. In three steps, since
/// contexts must stand in one piece: (1) read the lines, (2) find what the rows share, (3) write row by row.
/// </summary>
internal sealed class TailMapper(RowBatch batch, MappingRules rules, TailContext tools)
{
    public InvocationReader Invocations { get; } = new(batch, tools);

    public RequestRow Requests { get; } = new(batch, rules, tools);

    public ConsoleMapper Lines { get; } = new(batch, rules, tools);

    public ExceptionMapper Exceptions { get; } = new(batch, rules, tools);

    /// <param name="item">An object of the context's table.</param>
    public void Map(JsonValue item)
    {
        tools.Notes.Clear();
        var members = TailItem.Read(tools.Table, item);

        // 1.
        tools.Console.Read(members.Logs);

        // 2.
        var invocation = Invocations.Read(members, tools.Console.Lines);
        invocation.Resource = Requests.Resource(item);

        // 3.
        Requests.Map(item, members, invocation);
        foreach (ref readonly var line in tools.Console.Lines)
        {
            tools.Notes.Clear();
            Lines.Map(line, invocation);
        }

        for (var walk = tools.Table.Walk(members.Exceptions); members.Exceptions.IsArray && walk.Next() && !tools.Refused;)
        {
            tools.Notes.Clear();
            Exceptions.Map(walk.Value, invocation);
        }
    }
}
