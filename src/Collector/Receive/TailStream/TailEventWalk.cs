using Collector.Model;
using Collector.Protobuf;
using Collector.Receive.Tail;

namespace Collector.Receive.TailStream;

/// <summary>
/// Walks a message of events that was checked, and remembers how far it is: where a batch is full it stops, and goes on with
/// another.
/// </summary>
internal sealed class TailEventWalk(Slice message)
{
    private Slice _rest = message;

    /// <summary>Maps the events that are news; false: the batch is full, and there may be more.</summary>
    /// <param name="batch">Takes the rows.</param>
    /// <param name="mapper">The batch's.</param>
    /// <param name="tools">The batch's.</param>
    /// <param name="isNews">Asked of each event, in order; null: neither it nor any that follows is to be mapped.</param>
    public bool Map(RowBatch batch, TailEventMapper mapper, TailContext tools, Func<EventFields, bool?> isNews)
    {
        for (var reader = new WireReader(batch.Body.Written, _rest); reader.Next() && !tools.Refused;)
        {
            if (reader.Field != TailSchema.BatchEvents)
            {
                continue;
            }

            var happened = EventFields.Read(batch.Body.Written, reader.Payload);
            if (isNews(happened) is not { } news)
            {
                return true;
            }

            if (news)
            {
                mapper.Map(happened);
            }

            if (batch.IsFull)
            {
                var end = reader.Payload.Offset + reader.Payload.Length;
                _rest = Slice.OfBody(end, _rest.Offset + _rest.Length - end);
                return false;
            }
        }

        return true;
    }
}
