using Collector.Model;
using Collector.Protobuf;
using Collector.Receive.Rows;

namespace Collector.Receive.Otlp;

/// <summary>
/// Walks a checked request: resources, their scopes, their records. Logs and traces have the same shape down to there. It
/// stops where its batch is full; another mapper, with a batch of its own, goes on from there.
/// </summary>
/// <param name="batch">Takes the rows.</param>
/// <param name="signal">Which request it is.</param>
/// <param name="rules">What the operator decides.</param>
/// <param name="tools">The batch's.</param>
/// <param name="groups">Told of each scope that has rows; null where that is known already.</param>
internal sealed class RequestMapper(RowBatch batch, OtlpSignal signal, MappingRules rules, OtlpContext tools, ScopeGroups? groups)
{
    private readonly ResourceMapper _resources = new(batch, rules, tools);
    private readonly LogMapper? _logs = signal == OtlpSignal.Logs ? new(batch, rules, tools) : null;
    private readonly SpanMapper? _spans = signal == OtlpSignal.Traces ? new(batch, rules, tools) : null;

    /// <summary>Maps from the place on, and moves it; false where more is left, in another batch.</summary>
    public bool Map(RequestPlace place)
    {
        if (place.Resource is { } resource)
        {
            _resources.Begin(resource.Message, resource.Owner, resource.SchemaUrl);
        }

        while ((place.Resource is not null || NextResource(place)) && !batch.Refused)
        {
            while ((place.Scope is not null || NextScope(place)) && !batch.Refused)
            {
                if (!MapScope(place))
                {
                    return false;
                }
            }

            place.Resource = null;
        }

        return true;
    }

    private bool NextResource(RequestPlace place)
    {
        var rest = place.Resources;
        place.Resource = Next(ref rest, Field.RequestResources);
        place.Resources = rest;
        if (place.Resource is { } resource)
        {
            _resources.Begin(resource.Message, resource.Owner, resource.SchemaUrl);
            place.Scopes = resource.Message;
        }

        return place.Resource is not null;
    }

    private bool NextScope(RequestPlace place)
    {
        var rest = place.Scopes;
        place.Scope = Next(ref rest, Field.MembersOfGroup);
        place.Scopes = rest;
        place.Records = place.Scope?.Message ?? default;
        place.RowsOfScope = 0;
        return place.Scope is not null;
    }

    // False: the batch is full.
    private bool MapScope(RequestPlace place)
    {
        var (resource, scope) = (place.Resource!.Value, place.Scope!.Value);
        var before = batch.Count;
        MapRecords(place, scope);
        place.RowsOfScope += batch.Count - before;
        if (!place.Records.IsEmpty)
        {
            return false;
        }

        if (place.RowsOfScope > 0 && !batch.Refused)
        {
            groups?.Add(place.RowsOfScope, batch.Text(resource.Owner), batch.Text(resource.SchemaUrl), batch.Text(scope.Message));
        }

        place.Scope = null;
        return !batch.IsFull;
    }

    private void MapRecords(RequestPlace place, in RequestGroup scope)
    {
        var origin = _resources.Origin(scope.Message, scope.Owner, scope.SchemaUrl);
        for (var reader = new WireReader(batch.Body.Written, place.Records); reader.Next() && !batch.Refused;)
        {
            if (reader.Field != Field.MembersOfGroup)
            {
                continue;
            }

            _logs?.Map(reader.Payload, origin);
            _spans?.Map(reader.Payload, origin);
            if (batch.IsFull)
            {
                place.Records = RequestPlace.Behind(reader.Payload, place.Records);
                return;
            }
        }

        place.Records = default;
    }

    private RequestGroup? Next(ref Slice rest, int field)
    {
        for (var reader = new WireReader(batch.Body.Written, rest); reader.Next();)
        {
            if (reader.Field == field)
            {
                rest = RequestPlace.Behind(reader.Payload, rest);
                return GroupOf(reader.Payload);
            }
        }

        rest = default;
        return null;
    }

    // The resource or scope may stand behind what belongs to it.
    private RequestGroup GroupOf(Slice message)
    {
        var group = new RequestGroup(message, default, default);
        for (var reader = new WireReader(batch.Body.Written, message); reader.Next();)
        {
            switch (reader.Field)
            {
                case Field.OwnerOfGroup: group = group with { Owner = reader.Payload }; break;
                case Field.GroupSchemaUrl: group = group with { SchemaUrl = reader.Payload }; break;
            }
        }

        return group;
    }
}
