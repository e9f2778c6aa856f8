namespace Collector.Model;

/// <summary>
/// A piece of UTF-8 of one <see cref="RowBatch"/>: either of the request's own bytes (the body) or of the text that
/// was built from it. The default is the empty slice, which a nullable column stores as NULL.
/// </summary>
internal readonly record struct Slice
{
    private readonly int _start;

    private Slice(int start, int length)
    {
        _start = start;
        Length = length;
    }

    /// <summary>Length in bytes.</summary>
    public int Length { get; }

    public bool IsEmpty => Length == 0;

    /// <summary>True where the bytes stand in the built text, false where they stand in the body.</summary>
    public bool IsBuilt => _start < 0;

    /// <summary>Offset in the buffer that <see cref="IsBuilt"/> names.</summary>
    public int Offset => _start < 0 ? ~_start : _start;

    /// <summary>A piece of this slice.</summary>
    public Slice Part(int start, int length) => IsBuilt ? OfBuilt(Offset + start, length) : OfBody(Offset + start, length);

    public static Slice OfBody(int offset, int length) => new(offset, length);

    public static Slice OfBuilt(int offset, int length) => new(~offset, length);
}
