namespace Collector.Model;

/// <summary>Which rows are meant. What is null or empty matches everything; all that is given must match.</summary>
internal record RowFilter
{
    public string? CorrelationId { get; init; }

    /// <summary>32 hexadecimal digits, lower case.</summary>
    public string? TraceId { get; init; }

    public string? RequestId { get; init; }

    public string? Worker { get; init; }

    /// <summary>This level or worse.</summary>
    public Level MinLevel { get; init; } = Level.Debug;

    public Kind? Kind { get; init; }

    public string? Outcome { get; init; }

    /// <summary>Inclusive, nanoseconds since 1970.</summary>
    public ulong From { get; init; }

    /// <summary>Exclusive, nanoseconds since 1970.</summary>
    public ulong To { get; init; } = ulong.MaxValue;

    /// <summary>Text within the message or a value or name of the context; upper and lower case are alike.</summary>
    public string? Text { get; init; }

    /// <summary>On the duration, in milliseconds.</summary>
    public IReadOnlyList<NumberCondition> WallTime { get; init; } = [];

    /// <summary>On attributes of the record or of its resource.</summary>
    public IReadOnlyList<AttributeCondition> Attributes { get; init; } = [];

    /// <summary>Whether both let the same rows through, as far as their words say.</summary>
    public bool IsSame(RowFilter other) =>
        (CorrelationId, TraceId, RequestId, Worker) == (other.CorrelationId, other.TraceId, other.RequestId, other.Worker)
        && (MinLevel, Kind, Outcome, Text) == (other.MinLevel, other.Kind, other.Outcome, other.Text)
        && (From, To) == (other.From, other.To)
        && WallTime.SequenceEqual(other.WallTime)
        && Attributes.SequenceEqual(other.Attributes);
}

/// <summary>How a value is compared.</summary>
internal enum Comparison
{
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

internal readonly record struct NumberCondition(Comparison Comparison, double Number)
{
    public bool Holds(double value) => Comparison switch
    {
        Comparison.Equal => value == Number,
        Comparison.Less => value < Number,
        Comparison.LessOrEqual => value <= Number,
        Comparison.Greater => value > Number,
        _ => value >= Number,
    };
}

/// <param name="Name">Of the attribute, as the producer wrote it, or its path within others.</param>
/// <param name="Comparison">Other than equal: of numbers only.</param>
/// <param name="Value">What it is compared with: as text with texts, as a number with numbers.</param>
internal sealed record AttributeCondition(string Name, Comparison Comparison, string Value);
