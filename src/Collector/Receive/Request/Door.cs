using Collector.Pipeline.Ledger;

namespace Collector.Receive.Request;

/// <summary>Which answers turn a request away before any row of it was known, so that the door's ledger counts them.</summary>
internal static class Door
{
    /// <summary>Counts the request where it was turned away.</summary>
    /// <param name="door">Counts it.</param>
    /// <param name="context">Of the request.</param>
    /// <param name="result">How it ended.</param>
    public static void Count(this DoorLedger door, HttpContext context, in ReceiveResult result)
    {
        if (ReasonOf(result.Status, context.Request.Path) is { } reason)
        {
            door.TurnAway(reason, context.Connection.RemoteIpAddress, result.Message ?? $"{context.Request.Method} {context.Request.Path}");
        }
    }

    private static DoorReason? ReasonOf(ReceiveStatus status, PathString path) => status switch
    {
        ReceiveStatus.Unauthenticated => DoorReason.NoKey,
        ReceiveStatus.Forbidden => DoorReason.Forbidden,
        ReceiveStatus.Unimplemented => IsOfProfiles(path) ? DoorReason.Profiles : DoorReason.WrongPath,
        ReceiveStatus.WrongMethod => DoorReason.WrongMethod,
        ReceiveStatus.WrongContentType => DoorReason.WrongContentType,
        ReceiveStatus.UnknownEncoding => DoorReason.UnknownEncoding,
        ReceiveStatus.NotUnderstood => DoorReason.NotUnderstood,
        _ => null,
    };

    // Of a signal that is still in development, its paths change.
    private static bool IsOfProfiles(PathString path) => path.Value?.Contains("profiles", StringComparison.OrdinalIgnoreCase) == true;
}
