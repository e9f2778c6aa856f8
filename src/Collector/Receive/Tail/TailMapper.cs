using Collector.Model;
using Collector.Receive.Rows;

namespace Collector.Receive.Tail;

/// <summary>
/// From a TraceItem to its rows: the request's, one for each console line, one for each exception. In two steps, since the rows
/// share what the last line may say: (1) find what they share, (2) write row by row.
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
        var invocation = Invocations.Read(members);
        invocation.Resource = Requests.Resource(item);

        // 2.
        Requests.Map(item, members, invocation);
        for (var walk = tools.Table.Walk(members.Logs); members.Logs.IsArray && walk.Next() && !tools.Refused;)
        {
            tools.Notes.Clear();
            Lines.Map(ConsoleLine.Read(tools, walk.Value), invocation);
        }

        for (var walk = tools.Table.Walk(members.Exceptions); members.Exceptions.IsArray && walk.Next() && !tools.Refused;)
        {
            tools.Notes.Clear();
            Exceptions.Map(walk.Value, invocation);
        }
    }
}
