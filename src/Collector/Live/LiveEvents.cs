namespace Collector.Live;

/// <summary>Events as bytes that nobody changes any more: shared by all who are given them, and compressed once at most.</summary>
internal sealed class LiveEvents
{
    private readonly Lazy<GzipPart> _compressed;

    /// <param name="plain">The events as text.</param>
    public LiveEvents(ReadOnlyMemory<byte> plain)
    {
        Plain = plain;
        _compressed = new Lazy<GzipPart>(() => GzipPart.Of(plain.Span));
    }

    /// <summary>No event.</summary>
    public static LiveEvents None { get; } = new(default);

    /// <summary>The events as text.</summary>
    public ReadOnlyMemory<byte> Plain { get; }

    /// <summary>The same for whoever takes gzip; the first who asks compresses it.</summary>
    public GzipPart Compressed => _compressed.Value;
}
