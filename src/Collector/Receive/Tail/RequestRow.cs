using Collector.Model;
using Collector.Receive.Rows;

namespace Collector.Receive.Tail;

/// <summary>The row that every invocation has, and the resource that its rows share.</summary>
internal sealed class RequestRow(RowBatch batch, MappingRules rules, TailContext tools)
{
    private readonly EventSummary _summary = new(batch, rules, tools);
    private int _lastResource = -1;

    /// <summary>Adds the members that are the script's to the batch's resources; neighbours of one script share them.
    /// </summary>
    public int Resource(JsonValue item)
    {
        var start = tools.Json.Length;
        tools.Json.Limit = start + (rules.MaxRowBytes / 2);
        tools.Json.Raw("{\"attributes\":{"u8);
        var open = tools.Json.Length;
        for (var walk = tools.Table.Walk(item); walk.Next();)
        {
            if (TailItem.IsOfResource(walk.NameText) && walk.Value.IsPresent)
            {
                tools.JsonValues.Member(walk.Name, walk.Value, "resource");
            }
        }

        var isEmpty = tools.Json.Length == open;
        tools.Json.Raw("}}"u8);
        var whole = tools.Json.SliceSince(start);
        var isAsBefore = _lastResource >= 0 && batch.Text(batch.Resources[_lastResource]).SequenceEqual(batch.Text(whole));
        if (isEmpty || isAsBefore)
        {
            tools.Json.Truncate(start);
            return isEmpty ? -1 : _lastResource;
        }

        return _lastResource = batch.AddResource(whole);
    }

    /// <summary>The notes hold what was odd in the invocation's own members.</summary>
    public void Map(JsonValue item, in TailItem members, in Invocation invocation)
    {
        _summary.Read(members.Event);
        var row = invocation.Row(Kind.Request, LevelOf(members, invocation.Outcome));
        row.Outcome = invocation.Outcome;
        row.ExecutionTimeMs = Time(members.CpuTime, "cpuTime") is { } cpu ? (long)Math.Round(cpu) : null;
        row.WallTimeMs = Time(members.WallTime, "wallTime");
        if (row is { ExecutionTimeMs: 0, WallTimeMs: 0 })
        {
            // A runtime at home measures neither, and says so.
            (row.ExecutionTimeMs, row.WallTimeMs) = (null, null);
        }

        row.Message = tools.Message(_summary.Message(invocation.Outcome), rules.MaxRowBytes / 2);
        tools.FlagTime(ref row.TimestampNanos);
        row.Context = Context(item, members, row.Message.Length);
        batch.Add(row);
    }

    // A handler other than fetch that throws has outcome ok: its exceptions say more.
    private Level LevelOf(in TailItem members, Slice outcome)
    {
        var facts = new OutcomeFacts
        {
            Failed = HasExceptions(members.Exceptions) ? true : null,
            IsServer = true,
            HttpStatus = _summary.Status,
            GrpcStatus = -1,
        };
        return Outcomes.LevelOf(batch.Text(outcome), Outcomes.IsFailure(facts));
    }

    /// <summary>Milliseconds that something took; null where they are none.</summary>
    public double? Time(JsonValue value, string place)
    {
        var time = tools.Texts.Number(value, place);
        if (time is < 0 or > long.MaxValue / 2)
        {
            tools.Notes.Add(place, "out of range");
            return null;
        }

        return time;
    }

    private Slice Context(JsonValue item, in TailItem members, int messageLength)
    {
        tools.Json.Limit = tools.Json.Length + rules.MaxRowBytes - messageLength;
        var start = tools.Context.Begin();
        tools.Json.Name("\"event_type\":\""u8);
        tools.Json.Raw(System.Text.Encoding.ASCII.GetBytes(_summary.Type));
        tools.Json.Raw((byte)'"');
        for (var walk = tools.Table.Walk(item); walk.Next();)
        {
            if (walk.Value.IsPresent && !TailItem.IsOfResource(walk.NameText) && !members.IsElsewhere(tools.Table, walk.Value))
            {
                tools.JsonValues.Member(walk.Name, walk.Value, "item");
            }
        }

        Odd(members);
        return tools.Context.End(start);
    }

    private void Odd(in TailItem members)
    {
        NoteUnless(members.Logs.IsArray, members.Logs, "logs", "an array");
        NoteUnless(members.Exceptions.IsArray, members.Exceptions, "exceptions", "an array");
        NoteUnless(members.Event.IsObject, members.Event, "event", "an object");
    }

    private void NoteUnless(bool isRight, JsonValue value, string place, string expected)
    {
        if (!isRight && value.IsPresent)
        {
            tools.Notes.Add(place, $"{value.KindName} instead of {expected}");
        }
    }

    private bool HasExceptions(JsonValue exceptions) =>
        exceptions.IsArray ? tools.Table.Walk(exceptions).Next() : exceptions.IsPresent;
}
