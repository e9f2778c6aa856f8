using Collector.Model;

namespace Collector.Receive.Otlp;

/// <summary>How far a request is mapped: a large one is mapped piece by piece.</summary>
internal sealed class RequestPlace(Slice request)
{
    /// <summary>What is left of the request behind the resource at hand.</summary>
    public Slice Resources { get; set; } = request;

    /// <summary>The resource at hand with all that belongs to it, or null between two.</summary>
    public RequestGroup? Resource { get; set; }

    /// <summary>What is left of it behind the scope at hand.</summary>
    public Slice Scopes { get; set; }

    /// <summary>The scope at hand, or null between two.</summary>
    public RequestGroup? Scope { get; set; }

    /// <summary>What is left of it.</summary>
    public Slice Records { get; set; }

    /// <summary>Rows of it so far.</summary>
    public int RowsOfScope { get; set; }

    /// <summary>What stands in <paramref name="whole"/> behind a part of it.</summary>
    public static Slice Behind(Slice part, Slice whole)
    {
        var end = part.Offset + part.Length;
        return Slice.OfBody(end, whole.Offset + whole.Length - end);
    }
}

/// <param name="Message">The whole group.</param>
/// <param name="Owner">Its resource or scope.</param>
/// <param name="SchemaUrl">Of that.</param>
internal readonly record struct RequestGroup(Slice Message, Slice Owner, Slice SchemaUrl);
