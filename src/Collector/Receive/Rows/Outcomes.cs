using Collector.Model;

namespace Collector.Receive.Rows;

/// <summary>What a request or span says about how it ended.</summary>
internal struct OutcomeFacts
{
    /// <summary>The producer says that it failed, or that it did not, whatever the rest says.</summary>
    public bool? Failed;

    /// <summary>It asked somebody else, so that the other's refusal is its failure.</summary>
    public bool IsClient;

    /// <summary>It was asked.</summary>
    public bool IsServer;

    /// <summary>0 where there is none.</summary>
    public long HttpStatus;

    /// <summary>-1 where there is none.</summary>
    public int GrpcStatus;

    /// <summary>error.type, or a tag error that is not false.</summary>
    public bool HasError;

    /// <summary>It holds an exception.</summary>
    public bool Threw;
}

/// <summary>The one rule for what counts as failed.</summary>
internal static class Outcomes
{
    private const int ServerError = 500;
    private const int ClientError = 400;

    // By their numbers. Source: grpc.io, status codes.
    private static readonly byte[][] _grpc =
    [
        "OK"u8.ToArray(), "CANCELLED"u8.ToArray(), "UNKNOWN"u8.ToArray(), "INVALID_ARGUMENT"u8.ToArray(), "DEADLINE_EXCEEDED"u8.ToArray(),
        "NOT_FOUND"u8.ToArray(), "ALREADY_EXISTS"u8.ToArray(), "PERMISSION_DENIED"u8.ToArray(), "RESOURCE_EXHAUSTED"u8.ToArray(),
        "FAILED_PRECONDITION"u8.ToArray(), "ABORTED"u8.ToArray(), "OUT_OF_RANGE"u8.ToArray(), "UNIMPLEMENTED"u8.ToArray(),
        "INTERNAL"u8.ToArray(), "UNAVAILABLE"u8.ToArray(), "DATA_LOSS"u8.ToArray(), "UNAUTHENTICATED"u8.ToArray(),
    ];

    public static bool IsFailure(in OutcomeFacts facts)
    {
        if (facts.Failed is { } failed)
        {
            return failed;
        }

        if (facts.HttpStatus > 0 && facts.HttpStatus >= (facts.IsClient ? ClientError : ServerError))
        {
            return true;
        }

        // As the conventions for RPC have it: of what a server answers, only this is its own fault.
        var isGrpcFailure = facts.GrpcStatus > 0 && (!facts.IsServer || facts.GrpcStatus is 2 or 4 or 12 or 13 or 14 or 15);
        var hasStatus = facts.HttpStatus > 0 || facts.GrpcStatus >= 0;
        return isGrpcFailure || facts.HasError || (facts.Threw && facts.IsServer && !hasStatus);
    }

    /// <summary>How bad a word of Cloudflare's, or an own one, for the end of an invocation is.</summary>
    /// <param name="word">Empty where nothing was said.</param>
    /// <param name="failed">Whatever the word says: a handler other than fetch that throws has outcome ok.</param>
    public static Level LevelOf(ReadOnlySpan<byte> word, bool failed) =>
        failed ? Level.Error
        : word.IsEmpty || word.SequenceEqual("ok"u8) || word.SequenceEqual("unknown"u8) || word.SequenceEqual("success"u8) ? Level.Info
        : word.SequenceEqual("canceled"u8) || word.SequenceEqual("cancelled"u8) || word.SequenceEqual("responseStreamDisconnected"u8)
            ? Level.Warn
        : Level.Error;

    /// <summary>The number of a gRPC status from its name; -1 where it is none.</summary>
    public static int GrpcStatusOf(ReadOnlySpan<byte> name)
    {
        for (var code = 0; code < _grpc.Length; code++)
        {
            if (System.Text.Ascii.EqualsIgnoreCase(name, _grpc[code]))
            {
                return code;
            }
        }

        return System.Text.Ascii.EqualsIgnoreCase(name, "CANCELED"u8) ? 1 : -1;
    }
}
