using Collector.Model;
using Collector.Protobuf;
using Collector.Receive.Rows;

namespace Collector.Receive.Otlp;

/// <summary>Writes what the rows of one (resource, scope) pair share, and finds the worker's name in it.</summary>
internal sealed class ResourceMapper(RowBatch batch, MappingRules rules, OtlpContext tools)
{
    private Slice _resource;
    private Slice _worker;
    private LastPair _last;

    /// <summary>Takes up a resource; the pairs that <see cref="Origin"/> makes are of it.</summary>
    public void Begin(Slice group, Slice resource, Slice schemaUrl)
    {
        _last = default;
        tools.Notes.Clear();
        tools.Notes.Relay(default, group);
        var dropped = ReadAttributes(resource, Field.ResourceAttributes, Field.ResourceDroppedAttributes);
        _worker = tools.Columns.Worker();
        tools.SendsTemplates = tools.Attributes.ValueOf(Meaning.SdkLanguage) is { Kind: ValueKind.Text } language
            && batch.Text(language.Content).SequenceEqual("dotnet"u8);
        tools.Json.Limit = tools.Json.Length + (rules.MaxRowBytes / 2);
        var start = tools.Context.Begin();
        tools.AnyValues.Attributes(tools.Attributes, "attributes");
        tools.Context.Text("\"schema_url\":"u8, schemaUrl, "schema_url");
        tools.Context.Number("\"dropped_attributes_count\":"u8, dropped);
        tools.Notes.Write(tools.Json);
        _resource = tools.Json.SliceSince(start);
    }

    /// <summary>Adds the pair of this resource and a scope to the batch.</summary>
    public Origin Origin(Slice group, Slice scope, Slice schemaUrl)
    {
        if (IsLast(group, scope, schemaUrl))
        {
            return _last.Origin;
        }

        var json = tools.Json;
        tools.Notes.Clear();
        tools.Notes.Relay(new Place("scope"), group);
        json.Limit = json.Length + rules.MaxRowBytes;
        var start = json.Length;
        json.Copy(_resource);
        Scope(scope, schemaUrl);
        var isPlain = tools.Notes.IsEmpty;
        tools.Notes.Clear();
        var whole = tools.Context.End(start);
        var origin = new Origin(_worker, whole.IsEmpty ? -1 : batch.AddResource(whole));
        _last = isPlain ? new LastPair(scope, schemaUrl, origin) : default;
        return origin;
    }

    // Forwarders that send each record in a group of its own repeat the scope, which mostly says nothing.
    private bool IsLast(Slice group, Slice scope, Slice schemaUrl) =>
        _last.IsThere && !tools.Notes.HasOf(group) && !tools.Notes.HasOf(scope)
        && batch.Text(scope).SequenceEqual(batch.Text(_last.Scope)) && batch.Text(schemaUrl).SequenceEqual(batch.Text(_last.SchemaUrl));

    private void Scope(Slice scope, Slice schemaUrl)
    {
        Slice name = default, version = default;
        for (var reader = new WireReader(batch.Body.Written, scope); reader.Next();)
        {
            switch (reader.Field)
            {
                case Field.ScopeName: name = reader.Payload; break;
                case Field.ScopeVersion: version = reader.Payload; break;
            }
        }

        var dropped = ReadAttributes(scope, Field.ScopeAttributes, Field.ScopeDroppedAttributes);
        var context = tools.Context;
        var before = tools.Json.Length;
        tools.Json.Name("\"scope\":{"u8);
        var open = tools.Json.Length;
        context.Text("\"name\":"u8, name, "scope.name");
        context.Text("\"version\":"u8, version, "scope.version");
        tools.AnyValues.Attributes(tools.Attributes, "scope.attributes");
        context.Text("\"schema_url\":"u8, schemaUrl, "scope.schema_url");
        context.Number("\"dropped_attributes_count\":"u8, dropped);
        tools.Notes.Write(tools.Json);
        if (tools.Json.Length == open)
        {
            tools.Json.Truncate(before);
            return;
        }

        tools.Json.Raw((byte)'}');
    }

    private uint ReadAttributes(Slice message, int attributes, int dropped)
    {
        var count = 0u;
        tools.Attributes.Clear();
        tools.Notes.Relay(default, message);
        var body = batch.Body.Written;
        for (var reader = new WireReader(body, message); reader.Next();)
        {
            if (reader.Field == attributes)
            {
                tools.Attributes.Add(body, reader.Payload);
            }
            else if (reader.Field == dropped)
            {
                count = (uint)reader.Number;
            }
        }

        return count;
    }

    private readonly record struct LastPair(Slice Scope, Slice SchemaUrl, Origin Origin)
    {
        public bool IsThere { get; } = true;
    }
}
