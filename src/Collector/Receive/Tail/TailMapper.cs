using Collector.Model;

namespace Collector.Receive.Tail;

/// <summary>
/// From a TraceItem to its rows: the request's, one for each console line, one for each exception. In three steps, since
/// contexts must stand in one piece: (1) read the lines, (2) find what the rows share, (3) write row by row.
/// </summary>
internal readonly struct TailMapper(RowBatch batch, TailContext cast)
{
    public void Map(JsonValue item)
    {
        cast.Tools.Notes.Clear();
        var members = TailItem.Read(batch, item);

        // 1.
        cast.Console.Read(members.Logs);

        // 2.
        var invocation = cast.Invocations.Read(members, cast.Console.Lines);
        invocation.Resource = cast.Requests.Resource(item);

        // 3.
        cast.Requests.Map(item, members, invocation);
        foreach (ref readonly var line in cast.Console.Lines)
        {
            cast.Tools.Notes.Clear();
            cast.Lines.Map(line, invocation);
        }

        if (!members.Exceptions.IsArray)
        {
            return;
        }

        for (var walk = new JsonWalk(batch, members.Exceptions); walk.Next() && !cast.Refused;)
        {
            cast.Tools.Notes.Clear();
            cast.Exceptions.Map(walk.Value, invocation);
        }
    }
}
