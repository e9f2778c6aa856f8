namespace Collector.Limits;

/// <summary>
/// How many places there are for what every caller needs. One remote address may take all but a tenth of each, so that no
/// caller alone keeps the others out.
/// </summary>
internal sealed class LimitOptions
{
    /// <summary>
    /// Open connections to all three ports together. Default 0: as many as files may be open, less 320, and 10,000 at most,
    /// since each takes 10 KB; 1 to 1,000,000.
    /// </summary>
    public int Connections { get; set; }

    /// <summary>Open streams of gRPC: tail events, health watches, reflection. Default 2,000; 1 to 1,000,000.</summary>
    public int Streams { get; set; } = 2_000;

    /// <summary>Open event streams of <c>/api/live</c>. Default 1,000; 1 to 100,000.</summary>
    public int LiveReaders { get; set; } = 1_000;

    /// <summary>
    /// Bytes that wait for all live readers together; beyond them the slowest reader's stream is ended. Default 32 MiB;
    /// 1 MiB to 16 GiB.
    /// </summary>
    public long LiveBytes { get; set; } = 32L << 20;

    /// <summary>
    /// Bytes of answers that their callers have not read yet, of all together; beyond them a large answer is 503 instead.
    /// Default 64 MiB; 1 MiB to 16 GiB.
    /// </summary>
    public long AnswerBytes { get; set; } = 64L << 20;

    /// <summary>Questions that are answered at once. Default 4; 1 to 1,000.</summary>
    public int Questions { get; set; } = 4;

    /// <summary>Questions that wait for that, served by address in turn. Default 32; 0 to 100,000.</summary>
    public int WaitingQuestions { get; set; } = 32;
}
