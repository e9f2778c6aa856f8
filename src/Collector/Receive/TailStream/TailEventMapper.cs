using System.Globalization;
using System.Text;
using Collector.Model;
using Collector.Receive.Rows;
using Collector.Receive.Tail;

namespace Collector.Receive.TailStream;

/// <summary>From a TailEvent to its row.</summary>
internal sealed class TailEventMapper(RowBatch batch, TailContext cast)
{
    private readonly TailEventJson _json = new(batch, cast.Tools);

    /// <summary>In the steps of <see cref="TailMapper"/>, behind one more that writes the event as a part of an item.
    /// </summary>
    public void Map(in EventFields happened)
    {
        cast.Tools.Notes.Clear();
        switch (happened.Kind)
        {
            case TailSchema.EventLog:
                Log(happened);
                break;
            case TailSchema.EventException:
                Exception(happened);
                break;
            case TailSchema.EventRequest:
                Request(happened);
                break;
            case TailSchema.EventTiming:
                Timing(happened);
                break;
            default:
                cast.Tools.Notes.Add("event", "none of log, exception, request and timing is set");
                Plain(Shared(happened, default).Row(Kind.Log, Level.Info));
                break;
        }
    }

    private void Log(in EventFields happened)
    {
        var logs = _json.Log(happened.Content, out var context);
        if (cast.Refused)
        {
            return; // What was written is cut, and can't be walked. So it is with the others.
        }

        cast.Console.Read(logs);
        // None where memory was refused.
        if (cast.Console.Lines is [var line])
        {
            line.AddContext(batch, context);
            cast.Lines.Map(line, Shared(happened, default, [line]));
        }
    }

    private void Exception(in EventFields happened)
    {
        var exception = _json.Exception(happened.Content);
        if (!cast.Refused)
        {
            cast.Exceptions.Map(exception, Shared(happened, default));
        }
    }

    private void Request(in EventFields happened)
    {
        var item = _json.Request(happened.Content);
        if (!cast.Refused)
        {
            var members = TailItem.Read(batch, item);
            cast.Requests.Map(item, members, Shared(happened, members));
        }
    }

    private void Timing(in EventFields happened)
    {
        var item = _json.Timing(happened.Content);
        if (!cast.Refused)
        {
            Timing(TailItem.Read(batch, item), Shared(happened, default));
        }
    }

    private Invocation Shared(in EventFields happened, in TailItem item, ReadOnlySpan<ConsoleLine> lines = default)
    {
        var given = new GivenIds
        {
            Worker = Id(happened.Worker, "worker_name"),
            RequestId = Id(happened.RequestId, "request_id"),
            CorrelationId = Id(happened.CorrelationId, "correlation_id"),
            TimestampNanos = happened.TimeNanos,
        };
        var invocation = cast.Invocations.Read(item, lines, given);
        invocation.Resource = -1;
        return invocation;
    }

    private void Timing(in TailItem times, in Invocation invocation)
    {
        var row = invocation.Row(Kind.Span, Level.Info);
        row.ExecutionTimeMs = cast.Requests.Time(times.CpuTime, "cpu_ms") is { } cpu ? (long)Math.Round(cpu) : null;
        row.WallTimeMs = cast.Requests.Time(times.WallTime, "wall_ms");
        var summary = $"timing: wall {Text(row.WallTimeMs)} ms, CPU {Text(row.ExecutionTimeMs)} ms";
        row.Message = cast.Tools.Columns.Built(Encoding.ASCII.GetBytes(summary));
        Plain(row);
    }

    private static string Text(double? milliseconds) => milliseconds?.ToString("0.###", CultureInfo.InvariantCulture) ?? "?";

    private void Plain(Row row)
    {
        cast.Tools.FlagTime(ref row.TimestampNanos);
        cast.Tools.Json.Limit = int.MaxValue;
        row.Context = cast.Tools.Context.End(cast.Tools.Context.Begin());
        batch.Add(row);
    }

    private Slice Id(Slice text, string place) => cast.Tools.Text(text, ColumnPicker.MaxIdBytes, new Place(place));
}
