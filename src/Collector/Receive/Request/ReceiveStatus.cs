namespace Collector.Receive.Request;

/// <summary>How a request ended, whatever brought it; <see cref="ReceiveStatusTable"/> says what each protocol calls it.</summary>
internal enum ReceiveStatus
{
    Ok,
    BadData,
    TooLarge,
    Unauthenticated,
    Unimplemented,
    WrongMethod,
    WrongContentType,
    Overloaded,
    DeadlineExceeded,
    Cancelled,
    Internal,
}

/// <param name="Status">How it ended.</param>
/// <param name="Message">English; names what was wrong and what is legal. On success a warning, or null.</param>
/// <param name="IsDuplicate">It repeats a request that is kept: acknowledged, and stored once.</param>
internal readonly record struct ReceiveResult(ReceiveStatus Status, string? Message = null, bool IsDuplicate = false)
{
    public static ReceiveResult Ok => default;

    public bool IsOk => Status == ReceiveStatus.Ok;

    public static ReceiveResult BadData(string message) => new(ReceiveStatus.BadData, message);

    public static ReceiveResult TooLarge(int limit) =>
        new(ReceiveStatus.TooLarge, $"the request is larger than Ingest:MaxRequestBytes ({limit} bytes, after decompression too)");

    public static ReceiveResult Overloaded(string message) => new(ReceiveStatus.Overloaded, message);
}
