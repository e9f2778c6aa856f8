namespace Collector.Receive.Rows;

/// <summary>What the structured line of a logger says that a column, the level or the message is made of.</summary>
internal struct StructuredFields
{
    public RankedValue CorrelationId;
    public RankedValue RequestId;
    public RankedValue TraceId;
    public RankedValue SpanId;
    public RankedValue Level;
    public RankedValue Message;
    public RankedValue Template;
    public RankedValue Time;
    public RankedValue Error;
    public RankedValue Stack;

    /// <summary>Takes a field for what it means, unless one that counts more is there.</summary>
    public void Offer(Meaning meaning, JsonValue value, int rank)
    {
        switch (meaning)
        {
            case Meaning.CorrelationId: CorrelationId.Offer(value, rank); break;
            case Meaning.RequestId: RequestId.Offer(value, rank); break;
            case Meaning.TraceId: TraceId.Offer(value, rank); break;
            case Meaning.SpanId: SpanId.Offer(value, rank); break;
            case Meaning.Level: Level.Offer(value, rank); break;
            case Meaning.Message: Message.Offer(value, rank); break;
            case Meaning.Template: Template.Offer(value, rank); break;
            case Meaning.Time: Time.Offer(value, rank); break;
            case Meaning.Error: Error.Offer(value, rank); break;
            case Meaning.Stack: Stack.Offer(value, rank); break;
        }
    }

    /// <summary>Adds ids that were not there yet; a span id belongs to its trace id.</summary>
    public void AddIds(in StructuredFields other)
    {
        CorrelationId.AddIfMissing(other.CorrelationId);
        RequestId.AddIfMissing(other.RequestId);
        SpanId = TraceId.IsPresent ? SpanId : other.SpanId;
        TraceId.AddIfMissing(other.TraceId);
    }

    /// <summary>Adds whatever else was not there yet.</summary>
    public void AddMissing(in StructuredFields other)
    {
        Level.AddIfMissing(other.Level);
        Message.AddIfMissing(other.Message);
        Template.AddIfMissing(other.Template);
        Time.AddIfMissing(other.Time);
        Error.AddIfMissing(other.Error);
        Stack.AddIfMissing(other.Stack);
    }

    /// <summary>Members that stand in a column as they came.</summary>
    public readonly bool IsInColumn(JsonValue value) =>
        value.IsPresent && value.IsString && (value == Message.Value || value == TraceId.Value || value == SpanId.Value);
}

/// <summary>A value and how much it counts.</summary>
internal struct RankedValue
{
    /// <summary>Missing where nothing was said.</summary>
    public JsonValue Value { get; private set; }

    /// <summary>As <see cref="FieldMatch.RankAt"/>: the smaller counts; 0 where there is none.</summary>
    public int Rank { get; private set; }

    public readonly bool IsPresent => Rank != 0;

    public void Offer(JsonValue value, int rank)
    {
        if (Rank == 0 || rank < Rank)
        {
            (Value, Rank) = (value, rank);
        }
    }

    public void AddIfMissing(in RankedValue other) => this = IsPresent ? this : other;
}
