using Collector.Access;
using Collector.Pipeline.Queue;

namespace Collector.Receive.Request;

/// <param name="Status">How the request ended.</param>
/// <param name="Message">English; names what was wrong and what is legal. On success a warning, or null.</param>
/// <param name="IsDuplicate">It repeats a request that is kept: acknowledged, and stored once.</param>
/// <param name="Rejected">On success: so many records were not kept, and will not be.</param>
internal readonly record struct ReceiveResult(ReceiveStatus Status, string? Message = null, bool IsDuplicate = false, int Rejected = 0)
{
    public static ReceiveResult Ok => default;

    public bool IsOk => Status == ReceiveStatus.Ok;

    /// <summary>What the metrics call it.</summary>
    public string Label => IsDuplicate ? "duplicate" : ReceiveStatusTable.Of(Status).Label;

    public static ReceiveResult BadData(string message) => new(ReceiveStatus.BadData, message);

    public static ReceiveResult TooLarge(int limit) =>
        new(ReceiveStatus.TooLarge, $"the request is larger than Ingest:MaxRequestBytes ({limit} bytes, after decompression too)");

    /// <param name="name">The header that names it.</param>
    /// <param name="value">What it said.</param>
    /// <param name="legal">What is understood.</param>
    public static ReceiveResult UnknownEncoding(string name, string value, string legal) =>
        new(ReceiveStatus.UnknownEncoding, $"{name} '{value}' is not understood; legal are {legal}");

    /// <summary>What somebody who may not send is answered.</summary>
    public static ReceiveResult Denied(in AccessAnswer access) =>
        new(access.Verdict == AccessVerdict.Forbidden ? ReceiveStatus.Forbidden : ReceiveStatus.Unauthenticated, access.Why);

    public static ReceiveResult RateLimited(AccessKey key) => new(
        ReceiveStatus.RateLimited, $"the key '{key.Name}' has sent more than its RowsPerSecond ({key.Entry.RowsPerSecond}) or BytesPerSecond ({key.Entry.BytesPerSecond}) allow");

    public static ReceiveResult Overloaded(string message) => new(ReceiveStatus.Overloaded, message);

    /// <summary>The request got no more memory.</summary>
    public static ReceiveResult NoMemory(ByteLease lease) =>
        lease.IsTooLargeAlone ? new(
            ReceiveStatus.TooLarge, "the request needs more memory than Queue:MaxBytes leaves for one; send less at once")
        : lease.HasGivenWay ? Overloaded("the body came too slowly for the memory that it holds, which others wait for")
        : Overloaded("no memory became free for the request in time");

    /// <summary>What a request that ended in an exception is answered.</summary>
    /// <param name="error">What ended it; a result of Failed means that nobody foresaw it, and that it belongs in the log.
    /// </param>
    /// <param name="hasCallerLeft">The connection is gone; otherwise the caller's deadline has passed.</param>
    public static ReceiveResult Of(Exception error, bool hasCallerLeft) => error switch
    {
        OperationCanceledException => Over(hasCallerLeft),
        TimeoutException => new ReceiveResult(ReceiveStatus.DeadlineExceeded, error.Message),
        BadHttpRequestException => BadData(error.Message),
        // How Kestrel says that a chunk's size is no number that it can hold.
        IOException { InnerException: OverflowException } => BadData(error.Message),
        IOException => new ReceiveResult(ReceiveStatus.Cancelled, error.Message),
        OutOfMemoryException => Overloaded("the process is out of memory"),
        _ => OfUnforeseen(isFinal: false),
    };

    /// <param name="isFinal">The same bytes ended so before.</param>
    public static ReceiveResult OfUnforeseen(bool isFinal) => isFinal
        ? new(ReceiveStatus.Internal, "Collector failed at this request more than once; its log says why")
        : new(ReceiveStatus.Failed, "Collector failed; its log says why, and the same request may go well");

    /// <summary>The call was over before its answer was known.</summary>
    public static ReceiveResult Over(bool hasCallerLeft) => new(
        hasCallerLeft ? ReceiveStatus.Cancelled : ReceiveStatus.DeadlineExceeded,
        "the call was over before its rows were known to be stored; they are stored if the request was complete and decoded");
}
