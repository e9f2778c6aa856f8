namespace Collector.Receive.Request;

/// <summary>What a request that ended in an exception is answered.</summary>
internal static class ReceiveFailure
{
    /// <param name="error">What ended it; a result of Internal means that it was unforeseen, and belongs into the log.</param>
    /// <param name="hasCallerLeft">The connection is gone, rather than the caller's deadline past.</param>
    public static ReceiveResult Of(Exception error, bool hasCallerLeft) => error switch
    {
        OperationCanceledException => new ReceiveResult(
            hasCallerLeft ? ReceiveStatus.Cancelled : ReceiveStatus.DeadlineExceeded,
            "the call was over before its rows were known to be stored; they are stored if the message was complete"),
        TimeoutException => new ReceiveResult(ReceiveStatus.DeadlineExceeded, error.Message),
        BadHttpRequestException => ReceiveResult.BadData(error.Message),
        IOException => new ReceiveResult(ReceiveStatus.Cancelled, error.Message),
        _ => new ReceiveResult(ReceiveStatus.Internal, "Collector failed; its log says why"),
    };
}
