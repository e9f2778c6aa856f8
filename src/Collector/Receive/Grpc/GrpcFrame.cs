using System.Buffers.Binary;
using Collector.Receive.Request;

namespace Collector.Receive.Grpc;

/// <summary>The prefix of a message: a flag, and four bytes of length.</summary>
/// <param name="Length">Bytes of the message on the wire.</param>
/// <param name="IsCompressed">With the call's grpc-encoding.</param>
internal readonly record struct GrpcFrame(int Length, bool IsCompressed)
{
    public const int PrefixLength = 5;

    /// <param name="prefix">Exactly <see cref="PrefixLength"/> bytes.</param>
    /// <param name="request">Names the compression.</param>
    /// <param name="limits">Bounds the message's length.</param>
    /// <param name="frame">What the prefix says; of use only where the result is Ok.</param>
    public static ReceiveResult Parse(ReadOnlySpan<byte> prefix, HttpRequest request, BodyLimits limits, out GrpcFrame frame)
    {
        var flag = prefix[0];
        var length = BinaryPrimitives.ReadUInt32BigEndian(prefix[1..]);
        frame = new GrpcFrame((int)Math.Min(length, int.MaxValue), flag == 1);
        return length > limits.MaxBytes ? ReceiveResult.TooLarge(limits.MaxBytes)
            : flag > 1 ? ReceiveResult.BadData($"the message's compressed-flag is {flag}; legal are 0 and 1")
            : flag == 1 && GrpcHeaders.CodingOf(request) is null ? ReceiveResult.BadData(
                $"the message is flagged as compressed, but grpc-encoding names no compression; legal are {Codings.ForGrpc}")
            : ReceiveResult.Ok;
    }
}
