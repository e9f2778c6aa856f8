using Collector.Model;
using Collector.Protobuf;
using Collector.Receive.Rows;

namespace Collector.Receive.Otlp;

/// <summary>
/// Walks a checked request: resources, their scopes, their records. Logs and traces have the same shape down to there.
/// </summary>
internal sealed class RequestMapper(RowBatch batch, OtlpSignal signal, MappingRules rules, OtlpContext tools, ScopeGroups groups)
{
    private readonly ResourceMapper _resources = new(batch, rules, tools);
    private readonly LogMapper? _logs = signal == OtlpSignal.Logs ? new(batch, rules, tools) : null;
    private readonly SpanMapper? _spans = signal == OtlpSignal.Traces ? new(batch, rules, tools) : null;

    public void Map()
    {
        var request = Slice.OfBody(0, batch.Body.Length);
        for (var reader = new WireReader(batch.Body.Written, request); reader.Next();)
        {
            if (reader.Field == Field.RequestResources)
            {
                MapResource(reader.Payload);
            }
        }
    }

    private void MapResource(Slice group)
    {
        var owner = FindOwner(group, out var schemaUrl);
        _resources.Begin(group, owner, schemaUrl);
        for (var reader = new WireReader(batch.Body.Written, group); reader.Next() && !batch.Refused;)
        {
            if (reader.Field == Field.MembersOfGroup)
            {
                var before = batch.Count;
                MapScope(reader.Payload);
                if (batch.Count > before)
                {
                    groups.Add(batch.Count - before, batch.Text(owner), batch.Text(schemaUrl), batch.Text(reader.Payload));
                }
            }
        }
    }

    private void MapScope(Slice group)
    {
        var owner = FindOwner(group, out var schemaUrl);
        var origin = _resources.Origin(group, owner, schemaUrl);
        for (var reader = new WireReader(batch.Body.Written, group); reader.Next() && !batch.Refused;)
        {
            if (reader.Field != Field.MembersOfGroup)
            {
                continue;
            }

            _logs?.Map(reader.Payload, origin);
            _spans?.Map(reader.Payload, origin);
        }
    }

    // The resource or scope may stand behind what belongs to it.
    private Slice FindOwner(Slice group, out Slice schemaUrl)
    {
        Slice owner = default;
        schemaUrl = default;
        for (var reader = new WireReader(batch.Body.Written, group); reader.Next();)
        {
            switch (reader.Field)
            {
                case Field.OwnerOfGroup: owner = reader.Payload; break;
                case Field.GroupSchemaUrl: schemaUrl = reader.Payload; break;
            }
        }

        return owner;
    }
}
